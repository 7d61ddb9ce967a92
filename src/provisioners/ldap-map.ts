import { z } from 'zod';

const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/);

/**
 * Which attribute of a directory entry holds what; a JSON file may override any of it. Entries are inetOrgPerson
 * (RFC 2798) named by their address, `mail=annv.snv@quangbinh.gov.vn,ou=people,dc=quangbinh,dc=gov,dc=vn`; an address
 * that was renamed stays as a further value of `address`, so that it goes on receiving.
 */
export const ldapMap = z
  .strictObject({
    objectClasses: z.array(z.string()).min(1).default(['inetOrgPerson']),
    address: attribute.default('mail'),
    fullName: attribute.default('cn'),
    surname: attribute.default('sn'),
    password: attribute.default('userPassword'),
    /** The order under way, by which a repeated one is recognised after a crash. */
    order: attribute.default('employeeNumber'),
    /** What mail servers filter by: active = logs in and receives, locked = receives, cancelled = neither. */
    state: z
      .strictObject({
        attribute: attribute.default('employeeType'),
        active: z.string().default('active'),
        locked: z.string().default('locked'),
        cancelled: z.string().default('cancelled'),
      })
      .prefault({}),
    /** The regulation's reason for a lock, shown by the mail server. */
    reason: attribute.default('description'),
    /** Set while locked, where the directory itself shall refuse the bind: pwdAccountLockedTime of ppolicy. */
    lock: z.strictObject({ attribute, value: z.string() }).optional(),
    /** Bytes. */
    quota: attribute.optional(),
    /** Generalized time (RFC 4517 §3.3.13): authTimestamp of OpenLDAP's lastbind. */
    lastLogin: attribute.optional(),
  })
  .prefault({});

export type LdapMap = z.output<typeof ldapMap>;
