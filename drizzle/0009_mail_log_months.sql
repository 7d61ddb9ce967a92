-- The mail log, second part: numbers by month beside their entries, one search column for everything that is
-- asked for by word or value, tallies, the keys' history, anchors, forgetting whole months, roles.

-- Everything one searches by value or word, as one tsvector with one GIN index: conjunctions of frequent values are
-- intersected in the index instead of being read and thrown away.
--   e:event o:outcome u:unit a:actor c:client s:sender r:recipient(each) q:queue id; then plain words of subject,
--   detail, error, relay and the local parts of addresses, without accents.
-- A lexeme holds at most 2046 bytes and a stranger chooses the addresses: an entry must never be refused for one.
CREATE FUNCTION mail_log.terms(entry text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  j jsonb := entry::jsonb;
  sender text := left(j ->> 'sender', 320);
  recipient text := left(j ->> 'recipient', 2000);
  recipients text[] := string_to_array(recipient, ' ');
BEGIN
  RETURN array_to_tsvector(array_remove(array[
      'e:' || (j ->> 'event'), 'o:' || left(j ->> 'outcome', 100), 'u:' || left(j ->> 'unit', 100),
      'a:' || left(j ->> 'actor', 100), 'c:' || left(j ->> 'client', 100), 'q:' || left(j ->> 'queue', 100),
      's:' || sender]
      || array(SELECT 'r:' || left(one, 320) FROM unnest(recipients) AS one WHERE one <> ''), NULL))
    || to_tsvector('simple'::regconfig, mail_log.folded(concat_ws(' ',
      j ->> 'subject', j ->> 'detail', j ->> 'error', j ->> 'unit', j ->> 'relay', sender, recipient,
      translate(split_part(sender, '@', 1), '._-+', '    '),
      (SELECT string_agg(translate(split_part(one, '@', 1), '._-+', '    '), ' ') FROM unnest(recipients) AS one))));
END $$;
--> statement-breakpoint
DROP INDEX mail_log.mail_event_words, mail_log.mail_event_sender, mail_log.mail_event_recipient;
--> statement-breakpoint
ALTER TABLE mail_log.mail_event
  DROP COLUMN words, DROP COLUMN sender, DROP COLUMN recipient, DROP COLUMN outcome,
  ADD COLUMN terms tsvector GENERATED ALWAYS AS (mail_log.terms(entry)) STORED;
--> statement-breakpoint
CREATE INDEX mail_event_terms ON mail_log.mail_event USING gin (terms);
--> statement-breakpoint
-- Salts, hashes and entries are what is there once and read rarely: no time is spent on compressing hashes.
ALTER TABLE mail_log.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
--> statement-breakpoint
-- Numbers live in the month of their entry, so that a month can be forgotten whole. Uniqueness of a number over all
-- months is the sequencer's lock and is checked by `log verify`.
ALTER TABLE mail_log.sequenced RENAME TO sequenced_before;
--> statement-breakpoint
CREATE TABLE mail_log.sequenced (
  number bigint NOT NULL,
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  PRIMARY KEY (number, at),
  UNIQUE (at, id)
) PARTITION BY RANGE (at);
--> statement-breakpoint
CREATE TABLE mail_log.sequenced_other PARTITION OF mail_log.sequenced DEFAULT;
--> statement-breakpoint
-- The row's own texts: the latest checkpoint (the table keeps one per five minutes) and the key that signs.
ALTER TABLE mail_log.head ADD COLUMN note text, ADD COLUMN key text;
--> statement-breakpoint
CREATE INDEX checkpoint_at ON mail_log.checkpoint (at);
--> statement-breakpoint
-- Every key the log ever had: since which size, and for a successor the proof (C2SP tlog-proof) that the log itself,
-- signed by its predecessor, names it. Stays when the month of the rotation is forgotten.
CREATE TABLE mail_log.key (since bigint PRIMARY KEY, key text NOT NULL, proof text);
--> statement-breakpoint
-- What was laid down outside the database: where, for which hour or day, the checkpoint, a TSA's token.
CREATE TABLE mail_log.anchor (
  place text NOT NULL,
  period text NOT NULL,
  at timestamptz NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  token bytea,
  PRIMARY KEY (place, period)
);
--> statement-breakpoint
-- Counted by the sequencer as entries get their numbers, so that no overview ever scans a month. Holds no names.
CREATE TABLE mail_log.tally (
  day date NOT NULL,
  event text NOT NULL,
  outcome text NOT NULL,
  unit text NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (day, event, outcome, unit)
);
--> statement-breakpoint
-- This month's partitions of one table. Rows that waited in the default partition move in; locks are not waited for
-- long, because a writer that queues behind us would have to answer its mail client 451.
CREATE FUNCTION mail_log.ensure_partition(parent text, day timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  first timestamp := date_trunc('month', day AT TIME ZONE 'Asia/Ho_Chi_Minh');
  low timestamptz := first AT TIME ZONE 'Asia/Ho_Chi_Minh';
  high timestamptz := (first + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh';
  name text := parent || '_' || to_char(first, 'YYYY_MM');
  columns text := CASE parent WHEN 'mail_event' THEN 'at, id, entry, salt, leaf' ELSE 'number, at, id' END;
  waiting boolean;
BEGIN
  IF to_regclass('mail_log.' || name) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext(name));
  IF to_regclass('mail_log.' || name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM mail_log.%I WHERE at >= $1 AND at < $2)', parent || '_other')
    INTO waiting USING low, high;
  IF waiting THEN
    EXECUTE format('LOCK TABLE mail_log.%I IN ACCESS EXCLUSIVE MODE', parent);
    EXECUTE format('ALTER TABLE mail_log.%I DETACH PARTITION mail_log.%I', parent, parent || '_other');
    EXECUTE format('ALTER TABLE mail_log.%I RENAME TO %I', parent || '_other', parent || '_moving');
  END IF;
  EXECUTE format('CREATE TABLE mail_log.%I PARTITION OF mail_log.%I FOR VALUES FROM (%L) TO (%L)', name, parent, low, high);
  IF waiting THEN
    EXECUTE format('CREATE TABLE mail_log.%I PARTITION OF mail_log.%I DEFAULT', parent || '_other', parent);
    EXECUTE format('INSERT INTO mail_log.%I (%s) SELECT %s FROM mail_log.%I', parent, columns, columns, parent || '_moving');
    EXECUTE format('DROP TABLE mail_log.%I', parent || '_moving');
  END IF;
END $$;
--> statement-breakpoint
-- Months are those of Viet Nam (UTC+7), as the retention rule counts them.
CREATE OR REPLACE FUNCTION mail_log.ensure_month(day timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM mail_log.ensure_partition('mail_event', day);
  PERFORM mail_log.ensure_partition('sequenced', day);
END $$;
--> statement-breakpoint
SELECT mail_log.ensure_partition('sequenced', at) FROM (
  SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'Asia/Ho_Chi_Minh') AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at
  FROM mail_log.sequenced_before) AS months;
--> statement-breakpoint
INSERT INTO mail_log.sequenced (number, at, id) SELECT number, at, id FROM mail_log.sequenced_before;
--> statement-breakpoint
DROP TABLE mail_log.sequenced_before;
--> statement-breakpoint
-- Forgets one month ("2025-10") for good: entries, salts and numbers. Only 12 whole months later at the earliest,
-- and only when the log itself holds the approved log.prune entry, numbered and so already bound by a checkpoint.
-- Leaf hashes go where a whole tile is forgotten (its root stands in the level above); they were salted anyway.
CREATE FUNCTION mail_log.forget_month(month text, whole_tiles bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text := replace(month, '-', '_');
  past timestamptz := (to_date(month || '-01', 'YYYY-MM-DD') + interval '13 months') AT TIME ZONE 'Asia/Ho_Chi_Minh';
BEGIN
  IF past > now() THEN
    RAISE EXCEPTION 'the month % is not older than 12 whole months', month USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM mail_log.mail_event e JOIN mail_log.sequenced s ON s.at = e.at AND s.id = e.id
      WHERE e.terms @@ '''e:log.prune'''::tsquery AND e.entry::jsonb ->> 'outcome' = month) THEN
    RAISE EXCEPTION 'no log.prune entry approves forgetting the month %', month USING ERRCODE = '42501';
  END IF;
  EXECUTE format('DROP TABLE mail_log.%I', 'mail_event_' || name);
  EXECUTE format('DROP TABLE mail_log.%I', 'sequenced_' || name);
  DELETE FROM mail_log.tile WHERE level = 0 AND number = ANY (whole_tiles);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION mail_log.forget_month(text, bigint[]) FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mail_log.sequenced
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON mail_log.sequenced
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mail_log.key
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mail_log.anchor
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
-- A tile only grows at its end, the log only grows.
CREATE FUNCTION mail_log.refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'tile' THEN
    IF substring(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes THEN RETURN NEW; END IF;
  ELSIF NEW.size >= OLD.size THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the mail log is append-only (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE ON mail_log.tile
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_shrinking();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE ON mail_log.head
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_shrinking();
--> statement-breakpoint
-- Roles, where the migrating account may make them. A gateway that logs in as a member of congthu_gateway (and not as
-- the owner) has no right to change, delete or truncate entries or to switch the triggers off.
DO $$
DECLARE
  may boolean := (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user);
  role text;
BEGIN
  FOREACH role IN ARRAY array['congthu_gateway', 'congthu_auditor'] LOOP
    IF may AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('GRANT USAGE ON SCHEMA mail_log TO %I', role);
      EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA mail_log TO %I', role);
    END IF;
  END LOOP;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'congthu_gateway') THEN
    GRANT INSERT ON mail_log.mail_event, mail_log.sequenced, mail_log.pending, mail_log.tile, mail_log.checkpoint,
      mail_log.key, mail_log.anchor, mail_log.tally TO congthu_gateway;
    GRANT UPDATE ON mail_log.tile, mail_log.head, mail_log.tally TO congthu_gateway;
    GRANT DELETE ON mail_log.pending TO congthu_gateway;
    GRANT EXECUTE ON FUNCTION mail_log.forget_month(text, bigint[]) TO congthu_gateway;
    GRANT USAGE ON SCHEMA public, mail, migrations TO congthu_gateway;
    GRANT SELECT ON ALL TABLES IN SCHEMA migrations TO congthu_gateway;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, mail TO congthu_gateway;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public, mail
      GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO congthu_gateway;
  END IF;
END $$;
