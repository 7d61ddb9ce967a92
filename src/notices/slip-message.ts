/** What a credential slip says, in clear. */
export interface Slip {
  readonly from: string;
  readonly to: string;
  /** The dossier's number; ASCII. */
  readonly dossier: string;
  readonly at: Date;
  readonly text: string;
}

/**
 * A whole letter in S/MIME, application/pkcs7-mime; smime-type=enveloped-data (RFC 8551 §3.3), to be attached as
 * message/rfc822: mail programs open it as they open any encrypted letter, and `openssl cms -decrypt -in` reads the
 * file as it is. `seal` encrypts the MIME entity inside.
 */
export function slipMessage(
  { from, to, dossier, at, text }: Slip,
  seal: (content: Buffer) => Buffer,
): Buffer {
  const inside = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'))),
    '',
  ].join('\r\n');
  const title = Buffer.from('Phiếu cấp tài khoản').toString('base64');
  return Buffer.from(
    [
      `From: ${from}`,
      `To: ${to}`,
      `Subject: [${dossier}] =?utf-8?B?${title}?=`,
      `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
      'MIME-Version: 1.0',
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="smime.p7m"',
      '',
      ...lines(seal(Buffer.from(inside))),
      '',
    ].join('\r\n'),
  );
}

const lines = (bytes: Buffer): string[] => bytes.toString('base64').match(/.{1,76}/g) ?? [];
