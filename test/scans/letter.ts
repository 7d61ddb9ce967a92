import { createHash } from 'node:crypto';

/** A letter with one attachment, and how its facts name that document. */
export function letterWith(bytes: Buffer, filename: string) {
  const raw = Buffer.from(
    [
      'From: snv@quangbinh.gov.vn',
      'To: stttt@quangbinh.gov.vn',
      'Subject: De nghi cap hop thu',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'De nghi cap moi.',
      '--b',
      'Content-Type: application/octet-stream',
      `Content-Disposition: attachment; filename="${filename}"`,
      'Content-Transfer-Encoding: base64',
      '',
      bytes.toString('base64').replace(/.{76}/g, '$&\r\n'),
      '--b--',
      '',
    ].join('\r\n'),
  );
  return { raw, document: { index: 0, sha256: createHash('sha256').update(bytes).digest('hex') } };
}
