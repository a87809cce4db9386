"""The one row of the company, and business time as the database reckons it from a calendar's openings.

Seconds, not intervals: an interval of days would follow the session's zone across a change of the clocks.
"""

from django.db import migrations

PASSED = """
CREATE FUNCTION desk_business_passed(calendar bigint, instant timestamptz) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((
        SELECT o.before + extract(epoch FROM least(instant, o.closes_at) - o.opens_at)::double precision
          FROM staff_opening o WHERE o.calendar_id = calendar AND o.opens_at <= instant
         ORDER BY o.opens_at DESC LIMIT 1), 0)
$$;
CREATE FUNCTION desk_business_between(calendar bigint, a timestamptz, b timestamptz) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT desk_business_passed(calendar, b) - desk_business_passed(calendar, a)
$$;
CREATE FUNCTION desk_business_due(calendar bigint, start timestamptz, seconds double precision) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN seconds <= 0 THEN start ELSE (
        SELECT CASE WHEN o.opens_at + make_interval(secs => wanted.seconds - o.before) <= o.closes_at
                    THEN o.opens_at + make_interval(secs => wanted.seconds - o.before) END
          FROM (SELECT desk_business_passed(calendar, start) + seconds AS seconds) wanted
          JOIN staff_opening o ON o.calendar_id = calendar AND o.before < wanted.seconds
         ORDER BY o.before DESC LIMIT 1) END
$$;
"""

GONE = """
DROP FUNCTION desk_business_due(bigint, timestamptz, double precision);
DROP FUNCTION desk_business_between(bigint, timestamptz, timestamptz);
DROP FUNCTION desk_business_passed(bigint, timestamptz);
"""


def make(apps, schema_editor):
    default = apps.get_model("staff", "Department").objects.get(is_default=True)
    apps.get_model("staff", "Company").objects.create(pk=1, calendar_id=default.calendar_id)


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_hours_absences_mandates_and_the_company")]
    operations = [
        migrations.RunPython(make, migrations.RunPython.noop),
        migrations.RunSQL(PASSED, GONE),
    ]
