import {
  opaqueCms,
  detachedCms,
  HEAD,
  letter,
  MULTIPART,
  multipartOf,
  opaque,
  PART,
  signaturePart,
  signedEntity,
  UNIT,
  type Attack,
  type SmimeKit,
} from './smime-kit.ts';
import { tlv, integer, octetString, oid, sequence, setOf } from './der-writer.ts';

/** Sound signatures in letters that show a reader something else. "moi nhu" marks text nobody may be shown. */

const content = Buffer.from(PART, 'latin1');
const DECOY_FILE =
  'Content-Type: text/csv\r\nContent-Disposition: attachment; filename=moi-nhu.csv\r\n\r\nmoi nhu,500\r\n';
const DECOY_TEXT = 'Content-Type: text/plain\r\n\r\nmoi nhu 500 hop thu\r\n';

const signature = (kit: SmimeKit, part = PART): string =>
  signaturePart(detachedCms(Buffer.from(part, 'latin1'), kit));
const honest = (kit: SmimeKit): string => letter(signedEntity(kit));
/** The honest letter with one thing exchanged. */
const altered =
  (from: string | RegExp, to: string): Attack =>
  (kit) =>
    honest(kit).replace(from, to);
const mixed = (...parts: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=ngoai\r\n\r\n${parts.map((part) => `--ngoai\r\n${part}\r\n`).join('')}--ngoai--\r\n`;
/** An entity signed by the unit in full. */
const signedPart =
  (part: string, head = HEAD): Attack =>
  (kit) =>
    `${head}${signedEntity(kit, part)}`;
const protectedPart = (fields: string): string => `${fields}${PART.replace('utf-8', 'utf-8; hp="clear"')}`;
const wrapped = (fields: string): string => `Content-Type: message/rfc822\r\n\r\n${fields}${PART}`;
const base64File = (text: string): string =>
  `Content-Type: text/csv\r\nContent-Disposition: attachment; filename=danh-sach.csv\r\nContent-Transfer-Encoding: base64\r\n\r\n${text}\r\n`;
const OTHER = 'khac@quangbinh.gov.vn';

const enveloped = (): Buffer =>
  sequence(
    oid('1.2.840.113549.1.7.3'),
    tlv(0xa0, sequence(integer(0), setOf(), sequence(oid('1.2.840.113549.1.7.1'), octetString(content)))),
  );
const TNEF = Buffer.from('789f3e220100', 'hex').toString('base64');

export const MIME_ATTACKS: Readonly<Record<string, Attack>> = {
  'signed part inside multipart/mixed': (kit) => letter(mixed(DECOY_TEXT, signedEntity(kit))),
  'signed part alone inside multipart/mixed': (kit) => letter(mixed(signedEntity(kit))),
  'signed letter forwarded as attachment': (kit) =>
    letter(
      mixed(
        DECOY_TEXT,
        `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n${honest(kit)}`,
      ),
    ),
  'opaque part inside multipart/mixed': (kit) => letter(mixed(DECOY_FILE, opaque(opaqueCms(content, kit)))),
  'attachment beside the signed part': (kit) => letter(mixed(signedEntity(kit), DECOY_FILE)),
  'three parts, decoy in front': (kit) => letter(multipartOf(DECOY_TEXT, PART, signature(kit))),
  'three parts, decoy in the middle': (kit) => letter(multipartOf(PART, DECOY_FILE, signature(kit))),
  'three parts, decoy at the end': (kit) => letter(multipartOf(PART, signature(kit), DECOY_FILE)),
  'one part': (kit) => letter(multipartOf(signature(kit))),
  'two signatures': (kit) => letter(multipartOf(PART, signature(kit), signature(kit))),
  'parts exchanged': (kit) => letter(multipartOf(signature(kit), PART)),
  'boundary not closed': altered('--bien--', ''),
  'boundary closed before the signature': altered('--bien\r\nContent-Type: application', '--bien--\r\n$&'),
  'two boundary parameters': altered('boundary=bien', 'boundary=bien; boundary=khac'),
  'boundary and extended boundary': altered('boundary=bien', "boundary=bien; boundary*=utf-8''khac"),
  'boundary in pieces': altered('boundary=bien', 'boundary*0=bi; boundary*1=en'),
  'boundary missing': altered('; boundary=bien', ''),
  'two protocol parameters': altered('protocol=', 'protocol="text/plain"; protocol='),
  'same boundary inside': signedPart(
    `Content-Type: multipart/mixed; boundary=bien\r\n\r\n--bien\r\n${DECOY_FILE}\r\n--bien--\r\n`,
  ),
  'boundary inside that begins alike': signedPart(
    `Content-Type: multipart/mixed; boundary=bien2\r\n\r\n--bien2\r\n${PART}\r\n--bien2--\r\n`,
  ),
  'two boundaries inside': signedPart(
    `Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n${PART}\r\n--a--\r\n--b\r\n${DECOY_TEXT}\r\n--b--\r\n`,
  ),
  'two types of one signed file': signedPart(
    DECOY_FILE.replace('moi-nhu', 'danh-sach').replace('Content-Type', 'Content-Type: text/html\r\n$&'),
  ),
  'foreign bytes in a signed file': signedPart(base64File('bW9p!bmh1')),
  'bytes behind the padding of a signed file': signedPart(base64File('MQ==bW9pIG5odQ==')),
  'text before the parts': altered('\r\n\r\n--bien', `\r\n\r\n${DECOY_TEXT}\r\n--bien`),
  'text after the parts': (kit) => `${honest(kit)}moi nhu 500 hop thu\r\n`,
  'parts after the end': (kit) => `${honest(kit)}--bien\r\n${DECOY_FILE}\r\n--bien--\r\n`,
  'second signed letter after the end': (kit) => `${honest(kit)}\r\n${signedEntity(kit, DECOY_TEXT)}`,
  'two Content-Type fields, decoy first': altered(MULTIPART, `Content-Type: text/plain\r\n${MULTIPART}`),
  'two Content-Type fields, decoy last': altered(MULTIPART, `${MULTIPART}Content-Type: text/plain\r\n`),
  'two encodings of the signature': altered('Content-Transfer-Encoding: base64', '$&\r\n$&'),
  'multipart said to be base64': altered(MULTIPART, `Content-Transfer-Encoding: base64\r\n${MULTIPART}`),
  'multipart said to be quoted-printable': altered(
    MULTIPART,
    `Content-Transfer-Encoding: quoted-printable\r\n${MULTIPART}`,
  ),
  'signature in an unknown encoding': altered('Encoding: base64', 'Encoding: x-uuencode'),
  'signed part encoded anew': altered(
    PART,
    PART.replace('\r\n', '\r\nContent-Transfer-Encoding: quoted-printable\r\n').replace(
      'moi = 5',
      'moi =3D 5',
    ),
  ),
  'signed part with its charset changed': altered('charset=utf-8', 'charset=utf-7'),
  'header field slipped into the signed part': altered(PART, `Subject: moi nhu\r\n${PART}`),
  'header field slipped into the empty line': altered('\r\n\r\nDe nghi', '\r\nX: y\r\n\r\nDe nghi'),
  'line break without CR in the signed part': altered('hop thu.\r\n', 'hop thu.\n'),
  'blank at a line end of the signed part': altered('hop thu.\r\n', 'hop thu. \r\n'),
  'empty line added to the signed part': altered('hop thu.\r\n', 'hop thu.\r\n\r\n'),
  'delimiter with blanks behind it': altered(/--bien\r\n/g, '--bien \t\r\n'),
  'bytes behind the base64 padding': altered(/(=*)\r\n--bien--/, '==\r\nbW9pIG5odQ\r\n--bien--'),
  'second part that is no signature': altered('application/pkcs7-signature; name', 'text/plain; name'),
  'signature of another protocol': altered('application/pkcs7-signature"', 'application/pgp-signature"'),
  'micalg of another digest': altered('micalg=sha-256', 'micalg=sha-512'),
  'opaque said to be encrypted': (kit) =>
    letter(opaque(opaqueCms(content, kit), 'smime-type=enveloped-data')),
  'opaque without smime-type': (kit) => letter(opaque(opaqueCms(content, kit), 'x=y')),
  'opaque as octet-stream': (kit) =>
    letter(opaque(opaqueCms(content, kit)).replace('pkcs7-mime', 'octet-stream')),
  'opaque as text': (kit) =>
    letter(opaque(opaqueCms(content, kit)).replace('application/pkcs7-mime', 'text/plain')),
  'foreign bytes in the base64': altered(
    'name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMII',
    '$&*',
  ),
  'encrypted said to be signed': () => letter(opaque(enveloped())),
  'encrypted only': () => letter(opaque(enveloped(), 'smime-type=enveloped-data')),
  'encrypted inside the signature': signedPart(opaque(enveloped(), 'smime-type=enveloped-data')),
  'signature over a signature': (kit) =>
    letter(signedEntity(kit, signedEntity(kit).replaceAll('bien', 'trong'))),
  'signature over an opaque signature': (kit) => letter(signedEntity(kit, opaque(opaqueCms(content, kit)))),
  'opaque inside opaque': (kit) =>
    letter(opaque(opaqueCms(Buffer.from(opaque(opaqueCms(content, kit)), 'latin1'), kit))),
  'detached inside opaque': (kit) => letter(opaque(opaqueCms(Buffer.from(signedEntity(kit), 'latin1'), kit))),
  'signed letter inside the signed letter': (kit) =>
    letter(
      signedEntity(kit, `Content-Type: message/rfc822\r\n\r\n${honest(kit).replaceAll('bien', 'trong')}`),
    ),
  'other From inside': signedPart(protectedPart(`From: ${OTHER}\r\n`)),
  'other From inside a wrapped letter': signedPart(wrapped(`From: ${OTHER}\r\n`)),
  'other From outside': signedPart(protectedPart(`From: ${UNIT}\r\n`), HEAD.replace(UNIT, OTHER)),
  'two From fields outside': signedPart(wrapped(`From: ${UNIT}\r\n`), `From: ${OTHER}\r\n${HEAD}`),
  'two From fields inside': signedPart(wrapped(`From: ${UNIT}\r\nFrom: ${OTHER}\r\n`)),
  'group of addresses in From inside': signedPart(protectedPart(`From: Nhom: ${UNIT}, ${OTHER};\r\n`)),
  'unit only in a quoted name inside': signedPart(protectedPart(`From: "<${UNIT}>" <${OTHER}>\r\n`)),
  'unit only in an encoded name inside': signedPart(
    protectedPart(`From: =?utf-8?q?=3C${UNIT.replace('@', '=40')}=3E?= <${OTHER}>\r\n`),
  ),
  'unit only in a comment inside': signedPart(protectedPart(`From: (${UNIT}) ${OTHER}\r\n`)),
  'quote in From inside that is never closed': signedPart(protectedPart(`From: "a <${UNIT}>\r\n`)),
  'From inside written otherwise': signedPart(
    protectedPart(`From: "So \\"Noi vu\\"" <${UNIT.toUpperCase()}>\r\n`),
  ),
  'signed letter as the whole letter': (kit) => letter(`Content-Type: message/rfc822\r\n\r\n${honest(kit)}`),
  'signed, then encrypted, then signed': (kit) => {
    const inner = opaque(enveloped(), 'smime-type=enveloped-data');
    return letter(signedEntity(kit, inner));
  },
  'compressed only': () =>
    letter(opaque(sequence(oid('1.2.840.113549.1.9.16.1.9')), 'smime-type=compressed-data')),
  'two addresses in From inside': signedPart(wrapped(`From: ${UNIT}, ${OTHER}\r\n`)),
  'unit only in the display name inside': signedPart(wrapped(`From: "${UNIT}" <${OTHER}>\r\n`)),
  'Sender of another inside': signedPart(protectedPart(`From: ${UNIT}\r\nSender: ${OTHER}\r\n`)),
  'other subject outside': signedPart(protectedPart(`From: ${UNIT}\r\nSubject: trong\r\n`)),
  'subject only outside': (kit) => honest(kit),
  'winmail.dat inside the signature': signedPart(
    `Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${TNEF}\r\n`,
  ),
};
