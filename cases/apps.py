from django.apps import AppConfig
from django.urls import register_converter

from cases.converters import CaseNumber


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self):
        register_converter(CaseNumber, "case")
