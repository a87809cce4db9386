"""Say who of the staff may see a case."""

from __future__ import annotations

from cases import permissions
from cases.forms import confidentiality as forms
from cases.verbs import confidentiality
from cases.views.acts import Act


class KeeperAct(Act):
    def may(self):
        return permissions.may_keep_confidential(self.request.user, self.case)


class MakeConfidential(KeeperAct):
    form_class = forms.Confidential
    title = "Make {first}’s case confidential"
    lead = "Only {owner}, the departments asked on it and the supervisors see it then. Nothing changes for {first}."
    submit = "Make it confidential"
    said = "Confidential from now on."

    def call(self, found):
        confidentiality.make_confidential(self.case, reason=found["reason"], by=self.request.user)


class OpenToStaff(KeeperAct):
    form_class = forms.OpenToStaff
    title = "Open {first}’s case to all staff"
    lead = "Everybody on the staff sees all of it then, also what was written while it was confidential."
    submit = "Open it to all staff"
    said = "Everybody on the staff can see it again."

    def call(self, found):
        confidentiality.open_to_staff(self.case, reason=found["reason"], by=self.request.user)
