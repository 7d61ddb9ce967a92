-- Two logins of least right for one database of Cổng thư. Run after `congthu migrate`, as the owner of the database;
-- again after any change of the roles. The owner itself is used for `migrate` and nothing else.
--
--   psql -v gateway=congthu_app -v gateway_password=… -v auditor=congthu_doc -v auditor_password=… \
--     -f templates/database/logins.sql postgres://OWNER@HOST/congthu
--
-- gateway: DATABASE_URL of the gateway and of the command line. Appends to the mail log and numbers it; cannot change,
--   delete or truncate entries, switch triggers off, or drop a month that no log.prune entry approves.
-- auditor: reads the mail log with psql, nothing else. Such looks stand in PostgreSQL's log, not in the mail log:
--   set log_statement for this login, or use the console, where every look is an entry.
\set ON_ERROR_STOP on
begin;
select format('create role %I nologin', name) from (values ('congthu_gateway'), ('congthu_auditor')) as role (name)
  where not exists (select 1 from pg_roles where rolname = name) \gexec

grant usage on schema mail_log to congthu_gateway, congthu_auditor;
grant select on all tables in schema mail_log to congthu_gateway, congthu_auditor;
grant insert on mail_log.mail_event, mail_log.sequenced, mail_log.pending, mail_log.tile, mail_log.checkpoint,
  mail_log.key, mail_log.anchor, mail_log.tally, mail_log.tally_unit to congthu_gateway;
grant update on mail_log.tile, mail_log.head, mail_log.tally, mail_log.tally_unit to congthu_gateway;
grant delete on mail_log.pending to congthu_gateway;
grant execute on function mail_log.ensure_month(timestamptz), mail_log.ensure_partition(text, timestamptz),
  mail_log.forget_month(text, bigint[]) to congthu_gateway;
grant usage on schema public, mail, migrations to congthu_gateway;
grant select on all tables in schema migrations to congthu_gateway;
grant select, insert, update, delete on all tables in schema public, mail to congthu_gateway;
alter default privileges in schema public, mail grant select, insert, update, delete on tables to congthu_gateway;

select format('create role %I login', name) from (values (:'gateway'), (:'auditor')) as login (name)
  where not exists (select 1 from pg_roles where rolname = name) \gexec
alter role :"gateway" password :'gateway_password';
alter role :"auditor" password :'auditor_password';
grant connect on database :"DBNAME" to :"gateway", :"auditor";
grant congthu_gateway to :"gateway";
grant congthu_auditor to :"auditor";
alter role :"auditor" set default_transaction_read_only = on;
alter role :"auditor" set log_statement = 'all';
commit;
