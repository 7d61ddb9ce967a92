import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * The test PKI, declared here and built by openssl (never by our own code): root → issuing CA → leaves, valid from
 * 2020 to 2050 so that nothing expires, with CRLs fresh as long.
 */
export interface Leaf {
  readonly key: string;
  readonly cert: string;
}

export interface Pki {
  readonly dir: string;
  readonly anchors: string;
  readonly intermediates: string;
  readonly crls: string;
  readonly issuing: string;
  leaf(
    name: string,
    options: {
      email: string;
      commonName: string;
      ec?: boolean;
      from?: string;
      until?: string;
      extensions?: string;
      /** keyUsage and extendedKeyUsage, when not those of a signer. */
      usages?: string;
    },
  ): Leaf;
  revoke(leaf: Leaf, reason?: string): void;
}

const SIGNER_USAGES =
  'keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment\nextendedKeyUsage=emailProtection';

export const openssl = (args: readonly string[], input?: string | Buffer): Buffer =>
  execFileSync('openssl', [...args], { input, stdio: ['pipe', 'pipe', 'pipe'] });

export function buildPki(dir: string): Pki {
  const at = (...parts: string[]): string => path.join(dir, ...parts);
  for (const folder of ['anchors', 'intermediates', 'crls', 'leafs', 'ca-root', 'ca-issuing']) {
    fs.mkdirSync(at(folder), { recursive: true });
  }
  for (const ca of ['root', 'issuing']) {
    fs.writeFileSync(at(`ca-${ca}`, 'index.txt'), '');
    fs.writeFileSync(at(`ca-${ca}`, 'index.txt.attr'), 'unique_subject = no\n');
    fs.writeFileSync(at(`ca-${ca}`, 'serial'), '1000\n');
    fs.writeFileSync(at(`ca-${ca}`, 'crlnumber'), '01\n');
    fs.writeFileSync(at(`ca-${ca}`, 'ca.cnf'), caConfig(at(`ca-${ca}`)));
  }
  const subject = (name: string): string => `/C=VN/O=Co quan thu nghiem/CN=${name}`;
  const request = (name: string, key: string, subj: string, ec = false): void => {
    const kind = ec ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] : ['-newkey', 'rsa:2048'];
    openssl([
      'req',
      '-new',
      '-nodes',
      '-utf8',
      ...kind,
      '-keyout',
      key,
      '-out',
      at(`${name}.csr`),
      '-subj',
      subj,
    ]);
  };
  const sign = (
    ca: string,
    name: string,
    out: string,
    until: string,
    extensions: string,
    { selfSigned = false, from = '20200101000000Z' } = {},
  ): void => {
    fs.writeFileSync(at('ext.cnf'), extensions);
    openssl([
      'ca',
      '-batch',
      '-notext',
      '-config',
      at(`ca-${ca}`, 'ca.cnf'),
      '-in',
      at(`${name}.csr`),
      '-out',
      out,
      '-startdate',
      from,
      '-enddate',
      until,
      '-extfile',
      at('ext.cnf'),
      ...(selfSigned ? ['-selfsign'] : []),
    ]);
  };
  const caExtensions = (length: number): string =>
    `basicConstraints=critical,CA:TRUE,pathlen:${length}\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n`;
  request('root', at('ca-root', 'ca.key'), subject('Goc thu nghiem'));
  sign('root', 'root', at('ca-root', 'ca.pem'), '20500101000000Z', caExtensions(1), {
    selfSigned: true,
  });
  request('issuing', at('ca-issuing', 'ca.key'), subject('CA phuc vu co quan Nha nuoc (thu nghiem)'));
  sign('root', 'issuing', at('ca-issuing', 'ca.pem'), '20500101000000Z', caExtensions(0));
  fs.copyFileSync(at('ca-root', 'ca.pem'), at('anchors', 'root.pem'));
  fs.copyFileSync(at('ca-issuing', 'ca.pem'), at('intermediates', 'issuing.pem'));
  const publish = (): void => {
    for (const ca of ['root', 'issuing']) {
      openssl([
        'ca',
        '-gencrl',
        '-config',
        at(`ca-${ca}`, 'ca.cnf'),
        '-crl_lastupdate',
        '20200102000000Z',
        '-crl_nextupdate',
        '20500101000000Z',
        '-out',
        at('crls', `${ca}.crl`),
      ]);
    }
  };
  publish();
  return {
    dir,
    anchors: at('anchors'),
    intermediates: at('intermediates'),
    crls: at('crls'),
    issuing: at('ca-issuing', 'ca.pem'),
    leaf(
      name,
      {
        email,
        commonName,
        ec = false,
        from = '20200101000000Z',
        until = '20490101000000Z',
        extensions = '',
        usages = SIGNER_USAGES,
      },
    ) {
      const leaf = { key: at('leafs', `${name}.key`), cert: at('leafs', `${name}.pem`) };
      request(name, leaf.key, `/C=VN/O=UBND tinh Quang Binh/CN=${commonName}`, ec);
      sign(
        'issuing',
        name,
        leaf.cert,
        until,
        `basicConstraints=CA:FALSE\n${usages}\nsubjectAltName=email:${email}\n${extensions}`,
        { from },
      );
      return leaf;
    },
    revoke(leaf, reason = 'keyCompromise') {
      openssl(['ca', '-config', at('ca-issuing', 'ca.cnf'), '-revoke', leaf.cert, '-crl_reason', reason]);
      publish();
    },
  };
}

function caConfig(dir: string): string {
  return `[ca]
default_ca=it
[it]
dir=${dir}
database=${dir}/index.txt
serial=${dir}/serial
crlnumber=${dir}/crlnumber
new_certs_dir=${dir}
certificate=${dir}/ca.pem
private_key=${dir}/ca.key
default_md=sha256
default_days=3650
policy=any
copy_extensions=none
utf8=yes
string_mask=utf8only
[any]
countryName=optional
organizationName=optional
commonName=supplied
`;
}

/** An S/MIME letter signed by `openssl cms`. */
export function signedLetter(
  entity: string,
  leaf: Leaf,
  pki: Pki,
  headers: Readonly<Record<string, string>>,
  opaque = false,
): Buffer {
  const file = path.join(pki.dir, `entity-${process.pid}-${Math.random().toString(36).slice(2)}`);
  fs.writeFileSync(file, entity.replaceAll(/\r?\n/g, '\r\n'));
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const signed = openssl([
    'cms',
    '-sign',
    '-in',
    file,
    '-signer',
    leaf.cert,
    '-inkey',
    leaf.key,
    '-certfile',
    pki.issuing,
    '-md',
    'sha256',
    '-outform',
    'SMIME',
    '-crlfeol',
    ...(opaque ? ['-nodetach', '-binary'] : ['-binary']),
  ]);
  fs.rmSync(file);
  return Buffer.concat([Buffer.from(head), signed]);
}
