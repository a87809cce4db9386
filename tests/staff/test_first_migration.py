"""From the first moment there is a department for every problem and an owner for every case."""

from staff.models import Agent, Department


def test_the_migrations_leave_a_default_department_and_a_fallback_owner(db):
    assert Department.objects.get(is_default=True).name == "Support"
    assert not Agent.objects.fallback_owner().can_sign_in
    assert not Agent.objects.able_to_work().filter(is_fallback=True).exists()
