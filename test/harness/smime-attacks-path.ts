import {
  detachedCms,
  letter,
  LEAF_EXTENSIONS,
  multipart,
  PART,
  UNIT,
  type Attack,
  type SmimeKit,
} from './smime-kit.ts';
import {
  certificate,
  ecKey,
  EXTENSION,
  PURPOSE,
  revocationList,
  rsaKey,
  type Holder,
} from './x509-writer.ts';

/** Sound signatures by certificates that may not speak for a letter. */

const content = Buffer.from(PART, 'latin1');

/** A letter signed by `signer`, with the CAs it needs. */
const by =
  (make: (kit: SmimeKit) => Holder | readonly [Holder, ...Holder[]], signingTime?: string): Attack =>
  (kit) => {
    const made = make(kit);
    const [signer, ...others] = ('certificate' in made ? [made] : made) as [Holder, ...Holder[]];
    return letter(
      multipart(
        PART,
        detachedCms(
          content,
          kit,
          { signer, ...(signingTime === undefined ? {} : { signingTime }) },
          { certificates: [signer, ...others, kit.issuing].map((holder) => holder.certificate) },
        ),
      ),
    );
  };

const leafWith = (...extensions: Buffer[]): Attack => by((kit) => kit.leaf({ extensions }));
const mail = EXTENSION.mail(UNIT);
const end = EXTENSION.basic(false);
const signs = EXTENSION.usage(0xc0);
const forMail = EXTENSION.purposes(PURPOSE.mail);

/** A leaf of a CA of its own, with these extensions of the CA. */
const below = (...extensions: Buffer[]): Attack =>
  by((kit) => {
    const ca = kit.authority({ commonName: `CA ${extensions.length} ${Math.random()}`, extensions });
    return [kit.leaf({ issuer: ca }), ca];
  });
const caBasic = EXTENSION.basic(true);
const caUsage = EXTENSION.usage(0x06);

function revokedLeaf(kit: SmimeKit): Holder {
  const lost = kit.leaf();
  kit.revoke(lost);
  return lost;
}

export const PATH_ATTACKS: Readonly<Record<string, Attack>> = {
  expired: by((kit) => kit.leaf({ until: '20251201000000Z' })),
  'not yet valid': by((kit) => kit.leaf({ from: '20260201000000Z' })),
  'expired, signing time before it': by((kit) => kit.leaf({ until: '20251201000000Z' }), '20251130000000Z'),
  revoked: by(revokedLeaf),
  'revoked, signing time before it': by(revokedLeaf, '20251130000000Z'),
  'signing time long ago': by((kit) => kit.unit, '20100101000000Z'),
  'certificate of a CA that is revoked': by((kit) => {
    const ca = kit.authority({ commonName: 'CA bi thu hoi' });
    kit.revoke(ca, kit.root);
    return [kit.leaf({ issuer: ca }), ca];
  }),
  'certificate of a CA that has expired': by((kit) => {
    const ca = kit.authority({ commonName: 'CA het han', until: '20251201000000Z' });
    return [kit.leaf({ issuer: ca }), ca];
  }),
  'stranger’s chain': by(() => {
    const root = certificate({ commonName: 'Goc', extensions: [caBasic, caUsage] });
    return [certificate({ commonName: 'So Noi vu', issuer: root, extensions: LEAF_EXTENSIONS }), root];
  }),
  'self-signed': by(() => certificate({ commonName: 'So Noi vu', extensions: LEAF_EXTENSIONS })),
  'for TLS servers only': leafWith(end, signs, EXTENSION.purposes(PURPOSE.server), mail),
  'for time-stamping only': leafWith(end, signs, EXTENSION.purposes(PURPOSE.timestamp), mail),
  'for encryption only': leafWith(end, EXTENSION.usage(0x20), forMail, mail),
  'a CA as signer': leafWith(caBasic, caUsage, forMail, mail),
  'a CA that may sign letters too': leafWith(caBasic, EXTENSION.usage(0xc6), forMail, mail),
  'unknown critical extension': leafWith(end, signs, forMail, mail, EXTENSION.unknownCritical),
  'an extension twice': leafWith(end, signs, forMail, mail, EXTENSION.mail('khac@quangbinh.gov.vn')),
  'unit certificate as CA': by((kit) => [kit.leaf({ issuer: kit.unit }), kit.unit]),
  'path longer than allowed': by((kit) => {
    const first = kit.authority({ commonName: 'CA cap 1', extensions: [EXTENSION.basic(true, 0), caUsage] });
    const second = certificate({ commonName: 'CA cap 2', issuer: first, extensions: [caBasic, caUsage] });
    return [kit.leaf({ issuer: second }), second, first];
  }),
  'CA without keyCertSign': below(caBasic, EXTENSION.usage(0x02)),
  'CA flag missing': below(EXTENSION.basic(false), caUsage),
  'CA without basicConstraints': below(caUsage),
  'CA for TLS only': below(caBasic, caUsage, EXTENSION.purposes(PURPOSE.server)),
  'CA with an unknown critical extension': below(caBasic, caUsage, EXTENSION.unknownCritical),
  'mailbox outside the permitted names': below(
    caBasic,
    caUsage,
    EXTENSION.mailConstraints('permitted', '.khac.vn'),
  ),
  'mailbox inside the excluded names': below(
    caBasic,
    caUsage,
    EXTENSION.mailConstraints('excluded', 'quangbinh.gov.vn'),
  ),
  'certificate signed with SHA-1': by((kit) => kit.leaf({ digest: 'sha1' })),
  'CA of 1024 bits': by((kit) => {
    const ca = kit.authority({ commonName: 'CA khoa ngan', key: rsaKey(1024) });
    return [kit.leaf({ issuer: ca }), ca];
  }),
  'no revocation list': by((kit) => {
    const ca = kit.authority({ commonName: 'CA khong danh sach' }, null);
    return [kit.leaf({ issuer: ca }), ca];
  }),
  'revocation list out of date': byListed((ca) => revocationList(ca, { nextUpdate: '20251201000000Z' })),
  'revocation list by another key': byListed((ca) => revocationList(ca, { key: ecKey() })),
  'revocation list with an unknown critical extension': byListed((ca) =>
    revocationList(ca, { extensions: [EXTENSION.unknownCritical] }),
  ),
};

/** A leaf whose CA published this list. */
function byListed(list: (ca: Holder) => Buffer): Attack {
  return by((kit) => {
    const ca = kit.authority({ commonName: `CA danh sach ${Math.random()}` }, list);
    return [kit.leaf({ issuer: ca }), ca];
  });
}
