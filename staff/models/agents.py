"""The people who work on the desk. An agent is the user model: customers are not users."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from staff.origins import OriginField
from supportdesk.quick import Quick


class AgentQuerySet(models.QuerySet):
    def people(self):
        """Everybody but the fallback owner, who is nobody, and the machines."""
        return self.filter(is_fallback=False, is_service=False)

    def able_to_work(self):
        """Active people who can sign in; says nothing about their hours."""
        return self.filter(is_active=True, can_sign_in=True)


class AgentManager(BaseUserManager.from_queryset(AgentQuerySet)):
    def get_queryset(self):
        # Whoever asks for an agent asks for the hours next: on every page, to show times in the agent's zone.
        return super().get_queryset().select_related("department__calendar")

    def get_by_natural_key(self, email: str):
        return self.get(email=email.lower())

    def fallback_owner(self) -> Agent:
        """Who owns what nobody else can own yet. Made by the first migration, so there always is one."""
        return self.get(is_fallback=True)


class Agent(Quick, AbstractBaseUser):
    """A person on the desk: agent, specialist, supervisor or administrator."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    department = models.ForeignKey("staff.Department", models.PROTECT, related_name="agents")
    is_supervisor = models.BooleanField(default=False)
    is_admin = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True, help_text="Still with us.")
    can_sign_in = models.BooleanField(default=True, help_text="Off: every session ends at once.")
    is_fallback = models.BooleanField(
        default=False, editable=False, help_text="Owns what nobody can own yet; those cases are up for taking."
    )
    is_service = models.BooleanField(
        default=False, editable=False, help_text="A machine that comes in by tokens; it signs in nowhere."
    )
    left_at = models.DateTimeField(null=True, editable=False, help_text="When they left us.")
    sessions_ended = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised to end every session there is."
    )
    wants_mail = models.BooleanField(default=True, help_text="Notices come by mail too.")
    origin = OriginField()

    objects = AgentManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="address_in_lower_case"),
            models.UniqueConstraint(fields=["is_fallback"], condition=Q(is_fallback=True), name="one_fallback_owner"),
            models.CheckConstraint(
                condition=Q(is_fallback=False) | Q(can_sign_in=False), name="fallback_owner_cannot_sign_in"
            ),
            models.CheckConstraint(
                condition=Q(is_service=False) | Q(can_sign_in=False, is_supervisor=False),
                name="a_machine_signs_in_nowhere_and_judges_nobody",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""

    @property
    def is_of_elsewhere(self) -> bool:
        """They were brought in beside what they did, and can never sign in: no address of theirs leads anywhere."""
        return bool(self.origin) and self.email.endswith(".invalid")

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    # A session lives as long as these stay the same: as long as the password, and until all of them are ended.
    def get_session_auth_hash(self) -> str:
        return self._until_ended(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        return map(self._until_ended, super().get_session_auth_fallback_hash())

    def _until_ended(self, sessions: str) -> str:
        return f"{sessions}.{self.sessions_ended}" if self.sessions_ended else sessions

    # What Django's admin asks of a user model.
    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_admin

    def has_perm(self, perm, obj=None) -> bool:
        return self.is_active and self.is_admin

    def has_module_perms(self, app_label) -> bool:
        return self.is_active and self.is_admin


class SignInLink(models.Model):
    """A link that signs one agent in, once. Only a hash of it is kept."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"for {self.agent}"
