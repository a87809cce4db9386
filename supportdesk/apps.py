from django.apps import AppConfig


class SupportdeskConfig(AppConfig):
    name = "supportdesk"
    verbose_name = "Supportdesk"

    def ready(self):
        from supportdesk import checks  # noqa: F401  registers the desk's own system checks
