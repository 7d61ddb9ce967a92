import forge from 'node-forge';

/** The unit's certificate cannot receive encrypted mail; the caller sends activation links instead. */
export class CannotEncrypt extends Error {
  override name = 'CannotEncrypt';
}

/**
 * CMS EnvelopedData (RFC 5652 §6) in DER over `content`, AES-256-CBC, for the one holder of `certificatePem`.
 * Encryption says who may read, never who wrote: sign the result or what is inside it.
 *
 * @throws CannotEncrypt when the certificate is unreadable, not RSA, or not meant for key encipherment
 */
export function encryptTo(certificatePem: string, content: Uint8Array): Buffer {
  const envelope = forge.pkcs7.createEnvelopedData();
  envelope.addRecipient(recipient(certificatePem));
  envelope.content = forge.util.createBuffer(Buffer.from(content).toString('binary'));
  envelope.encrypt();
  return Buffer.from(forge.asn1.toDer(envelope.toAsn1()).getBytes(), 'binary');
}

function recipient(pem: string): forge.pki.Certificate {
  const certificate = readCertificate(pem);
  const usage = certificate.getExtension('keyUsage') as { keyEncipherment?: boolean } | null | undefined;
  // RFC 5280 §4.2.1.3 lets a certificate without keyUsage do anything; a credential slip asks for a clear word,
  // because a unit that signs only may have no way to open it.
  if (usage?.keyEncipherment !== true)
    throw new CannotEncrypt('the certificate does not allow key encipherment');
  return certificate;
}

function readCertificate(pem: string): forge.pki.Certificate {
  try {
    return forge.pki.certificateFromPem(pem);
  } catch (cause) {
    throw new CannotEncrypt('the certificate cannot be read or its key is not RSA', { cause });
  }
}
