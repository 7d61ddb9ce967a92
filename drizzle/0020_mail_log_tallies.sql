-- A year's overview added up a row for every day, event, outcome and unit: half a million for a thousand units. Days are now
-- counted without units, and units by the month, which every period that is asked for is made of.
ALTER TABLE mail_log.tally RENAME TO tally_before;
--> statement-breakpoint
ALTER INDEX mail_log.tally_pkey RENAME TO tally_before_pkey;
--> statement-breakpoint
CREATE TABLE mail_log.tally (
  day date NOT NULL,
  event text NOT NULL,
  outcome text NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (day, event, outcome)
);
--> statement-breakpoint
CREATE TABLE mail_log.tally_unit (
  month date NOT NULL,
  event text NOT NULL,
  unit text NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (month, event, unit)
);
--> statement-breakpoint
INSERT INTO mail_log.tally (day, event, outcome, n)
SELECT day, event, outcome, sum(n) FROM mail_log.tally_before GROUP BY day, event, outcome;
--> statement-breakpoint
INSERT INTO mail_log.tally_unit (month, event, unit, n)
SELECT date_trunc('month', day)::date, event, unit, sum(n) FROM mail_log.tally_before WHERE unit <> '' GROUP BY 1, event, unit;
--> statement-breakpoint
DROP TABLE mail_log.tally_before;
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'congthu_gateway') THEN
    GRANT SELECT, INSERT, UPDATE ON mail_log.tally, mail_log.tally_unit TO congthu_gateway;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'congthu_auditor') THEN
    GRANT SELECT ON mail_log.tally, mail_log.tally_unit TO congthu_auditor;
  END IF;
END $$;
