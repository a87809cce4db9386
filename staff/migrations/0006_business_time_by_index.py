"""The database finds the stretch in which business time runs out by its index, instead of reading them all.

Seconds passed are whole in every row, so what lies before a fraction lies before the next whole second; compared as
whole numbers, the index on them can be used.
"""

from django.db import migrations

BY_INDEX = """
CREATE OR REPLACE FUNCTION desk_business_due(calendar bigint, start timestamptz, seconds double precision)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN seconds <= 0 THEN start ELSE (
        SELECT CASE WHEN o.opens_at + make_interval(secs => wanted.seconds - o.before) <= o.closes_at
                    THEN o.opens_at + make_interval(secs => wanted.seconds - o.before) END
          FROM (SELECT desk_business_passed(calendar, start) + seconds AS seconds OFFSET 0) wanted
         CROSS JOIN LATERAL (
               SELECT n.opens_at, n.closes_at, n.before FROM staff_opening n
                WHERE n.calendar_id = calendar AND n.before < ceil(wanted.seconds)::bigint
                ORDER BY n.before DESC LIMIT 1) o) END
$$;
"""

AS_IT_WAS = """
CREATE OR REPLACE FUNCTION desk_business_due(calendar bigint, start timestamptz, seconds double precision)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN seconds <= 0 THEN start ELSE (
        SELECT CASE WHEN o.opens_at + make_interval(secs => wanted.seconds - o.before) <= o.closes_at
                    THEN o.opens_at + make_interval(secs => wanted.seconds - o.before) END
          FROM (SELECT desk_business_passed(calendar, start) + seconds AS seconds) wanted
          JOIN staff_opening o ON o.calendar_id = calendar AND o.before < wanted.seconds
         ORDER BY o.before DESC LIMIT 1) END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0005_the_company_and_business_time_in_the_database")]
    operations = [migrations.RunSQL(BY_INDEX, AS_IT_WAS)]
