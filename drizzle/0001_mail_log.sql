-- The 12-month mail log (shared/spec/mail-log.md): entries as text, salts, leaves, tiles, checkpoints.
CREATE SCHEMA mail_log;
--> statement-breakpoint
-- Vietnamese without its accents: decomposed, the eight marks dropped, đ as d. Built in, so that no extension
-- (unaccent) has to be installable, and independent of the database's locale.
CREATE FUNCTION mail_log.folded(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT lower(translate(normalize(coalesce(value, ''), NFD),
    U&'\0110\0111\0300\0301\0302\0303\0306\0309\031B\0323', 'Dd')) $$;
--> statement-breakpoint
-- Search columns are generated from the hashed text itself: what is shown cannot differ from what was hashed.
CREATE TABLE mail_log.mail_event (
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  entry text NOT NULL,
  salt bytea NOT NULL CHECK (octet_length(salt) = 16),
  leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
  event text GENERATED ALWAYS AS (entry::json ->> 'event') STORED,
  letter text GENERATED ALWAYS AS (entry::json ->> 'letter') STORED,
  dossier text GENERATED ALWAYS AS (entry::json ->> 'dossier') STORED,
  sender text GENERATED ALWAYS AS (entry::json ->> 'sender') STORED,
  recipient text GENERATED ALWAYS AS (entry::json ->> 'recipient') STORED,
  message_id text GENERATED ALWAYS AS (entry::json ->> 'messageId') STORED,
  unit text GENERATED ALWAYS AS (entry::json ->> 'unit') STORED,
  outcome text GENERATED ALWAYS AS (entry::json ->> 'outcome') STORED,
  words tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, mail_log.folded(
    coalesce(entry::json ->> 'subject', '') || ' ' || coalesce(entry::json ->> 'detail', '') || ' ' ||
    coalesce(entry::json ->> 'error', '') || ' ' || coalesce(entry::json ->> 'unit', '')))) STORED,
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
--> statement-breakpoint
CREATE INDEX mail_event_letter ON mail_log.mail_event (letter);
--> statement-breakpoint
CREATE INDEX mail_event_dossier ON mail_log.mail_event (dossier, at);
--> statement-breakpoint
CREATE INDEX mail_event_sender ON mail_log.mail_event (sender, at);
--> statement-breakpoint
CREATE INDEX mail_event_recipient ON mail_log.mail_event (recipient, at);
--> statement-breakpoint
CREATE INDEX mail_event_message_id ON mail_log.mail_event USING hash (message_id);
--> statement-breakpoint
CREATE INDEX mail_event_words ON mail_log.mail_event USING gin (words);
--> statement-breakpoint
-- Entries that wait for their number.
CREATE TABLE mail_log.pending (
  place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  leaf bytea NOT NULL
);
--> statement-breakpoint
CREATE TABLE mail_log.sequenced (
  number bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  UNIQUE (at, id)
);
--> statement-breakpoint
-- 256-wide tiles (C2SP tlog-tiles): hashes of level L, 32 bytes each, the last tile of a level may be partial.
CREATE TABLE mail_log.tile (
  level integer NOT NULL,
  number bigint NOT NULL,
  hashes bytea NOT NULL CHECK (octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, number)
);
--> statement-breakpoint
CREATE TABLE mail_log.checkpoint (
  size bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  note text NOT NULL
);
--> statement-breakpoint
-- One row: the sequencer's lock and the size it has reached.
CREATE TABLE mail_log.head (one boolean PRIMARY KEY DEFAULT true CHECK (one), size bigint NOT NULL);
--> statement-breakpoint
INSERT INTO mail_log.head (size) VALUES (0);
--> statement-breakpoint
CREATE FUNCTION mail_log.refuse_change() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE EXCEPTION 'the mail log is append-only (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501'; END $$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mail_log.mail_event
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mail_log.sequenced
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mail_log.checkpoint
  FOR EACH ROW EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON mail_log.mail_event
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON mail_log.sequenced
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON mail_log.checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION mail_log.refuse_change();
--> statement-breakpoint
-- A month's partition, made ahead. Months are those of Viet Nam (UTC+7), as the retention rule counts them.
CREATE FUNCTION mail_log.ensure_month(day timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first timestamp := date_trunc('month', day AT TIME ZONE 'Asia/Ho_Chi_Minh');
  name text := 'mail_event_' || to_char(first, 'YYYY_MM');
BEGIN
  IF to_regclass('mail_log.' || name) IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext(name));
    IF to_regclass('mail_log.' || name) IS NULL THEN
      EXECUTE format('CREATE TABLE mail_log.%I PARTITION OF mail_log.mail_event FOR VALUES FROM (%L) TO (%L)', name,
        first AT TIME ZONE 'Asia/Ho_Chi_Minh', (first + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh');
    END IF;
  END IF;
END $$;
--> statement-breakpoint
-- Entries of a month nobody prepared (a clock that jumped) still have a place.
CREATE TABLE mail_log.mail_event_other PARTITION OF mail_log.mail_event DEFAULT;
