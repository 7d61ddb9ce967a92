-- Forgetting a month: an approval alone ("approved") is not enough, the log must name the numbers first. The lock on
-- the table is not waited for long: behind a long reader every writer would queue, and mail clients get 451.
CREATE OR REPLACE FUNCTION mail_log.forget_month(month text, whole_tiles bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  name text := replace(month, '-', '_');
  past timestamptz := (to_date(month || '-01', 'YYYY-MM-DD') + interval '13 months') AT TIME ZONE 'Asia/Ho_Chi_Minh';
BEGIN
  IF past > now() THEN
    RAISE EXCEPTION 'the month % is not older than 12 whole months', month USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM mail_log.mail_event e JOIN mail_log.sequenced s ON s.at = e.at AND s.id = e.id
      WHERE e.terms @@ '''e:log.prune'''::tsquery AND e.entry::jsonb ->> 'outcome' = month
        AND e.entry::jsonb ->> 'detail' ~ '^(numbers \d|no entries$)') THEN
    RAISE EXCEPTION 'no log.prune entry approves forgetting the month %', month USING ERRCODE = '42501';
  END IF;
  EXECUTE format('DROP TABLE mail_log.%I', 'mail_event_' || name);
  EXECUTE format('DROP TABLE mail_log.%I', 'sequenced_' || name);
  DELETE FROM mail_log.tile WHERE level = 0 AND number = ANY (whole_tiles);
END $$;
