"""The serving role may have the planner learn what there is now: only a table's owner can say ANALYZE.

Whoever brings in a hundred thousand rows at once asks for it (``supportdesk.planner``); otherwise PostgreSQL looks by
itself, minutes later.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION desk_analyse() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name regclass;
BEGIN
    FOR name IN SELECT oid FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
                   AND relname ~ '^(cases|customers|escalations|staff)_'
    LOOP
        EXECUTE 'ANALYZE ' || name;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("supportdesk", "0003_erasures")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION desk_analyse()")]
