import { html } from 'hono/html';
import type { Evidence, ExaminedDocument, ExaminedLetter, SignatureFact } from '../../evidence/port.ts';
import { signedBy } from '../../rules/approval.ts';
import type { Unit } from '../../rules/registry.ts';
import { adviceOn } from '../../rules/verdict-advice.ts';
import type { Verdict } from '../../rules/verdict.ts';
import { moment, tag } from '../format.ts';
import type { Markup } from '../web.ts';
import type { Say } from '../words.ts';

/** The facts of every signature of a letter, in words an officer reads; exact terms stand in small print. */
export function evidenceView(examined: ExaminedLetter, unit: Unit | null, say: Say): Markup {
  return html`<section class="card" aria-labelledby="evidence">
    <h2 id="evidence">${say('Chữ ký số và tệp kèm theo', 'Signatures and files')}</h2>
    <h3>${say('Thư', 'The letter itself')}</h3>
    ${proof(examined.letter, unit, say)} ${examined.documents.map((file) => document(file, unit, say))}
    ${examined.documents.length === 0 ? html`<p class="small">${say('Thư không kèm tệp.', 'No files attached.')}</p>` : ''}
  </section>`;
}

function document(file: ExaminedDocument, unit: Unit | null, say: Say): Markup {
  return html`<h3>${file.filename} <span class="small">${file.mediaType}, ${kilobytes(file.size)}</span></h3>
    ${file.coveredByLetter ? html`<p>${tag('good', say('Nằm trong chữ ký số của thư', 'Covered by the letter’s signature'))}</p>` : ''}
    ${file.encrypted ? html`<p>${tag('wrong', say('Tệp đặt mật khẩu', 'Encrypted'))}</p>` : ''}
    ${proof(file.evidence, unit, say)}
    <p class="small mono">SHA-256 ${file.sha256}</p>`;
}

const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1024))} KB`;

export function verdictTag(verdict: Verdict, say: Say): Markup {
  switch (verdict.verdict) {
    case 'TOTAL-PASSED':
      return tag('good', say('Chữ ký số hợp lệ', 'Valid'));
    case 'TOTAL-FAILED':
      return tag('wrong', say('Chữ ký số không hợp lệ', 'Not valid'));
    case 'INDETERMINATE':
      return tag('wait', say('Chưa kết luận được', 'Indeterminate'));
    case 'NONE':
      return tag('plain', say('Không có chữ ký số', 'Not signed'));
  }
}

function proof(evidence: Evidence, unit: Unit | null, say: Say): Markup {
  const advice = adviceOn(evidence.verdict);
  const exact = 'subIndication' in evidence.verdict ? ` ${evidence.verdict.subIndication}` : '';
  return html`<p>
      ${verdictTag(evidence.verdict, say)} ${evidence.explanation}
      ${evidence.verdict.verdict === 'NONE' ? '' : html`<span class="small mono">${evidence.verdict.verdict}${exact}</span>`}
    </p>
    ${advice === null ? '' : html`<p class="small">${say('Việc tiếp theo', 'What to do')}: ${say(advice.vi, advice.en)}.</p>`}
    ${
      unit !== null && evidence.verdict.verdict === 'TOTAL-PASSED' && !signedBy(evidence, unit)
        ? html`<p>
            ${tag('wait', say(`Chứng thư chưa được gắn với ${unit.name}`, `The certificate is not ${unit.name}’s`))}
          </p>`
        : ''
    }
    ${evidence.signatures.map((signature) => facts(signature, say))}`;
}

function facts(signature: SignatureFact, say: Say): Markup {
  const { signer } = signature;
  const chain = {
    trusted: say('tin cậy', 'trusted'),
    untrusted: say('không dẫn tới CA tin cậy', 'leads to no trusted CA'),
    expired: say('có chứng thư hết hiệu lực', 'expired'),
    revoked: say('có chứng thư bị thu hồi', 'revoked'),
    unknown: say('chưa xác định', 'unknown'),
  }[signature.chain];
  return html`<dl class="facts">
    <dt>${say('Người ký', 'Signer')}</dt>
    <dd>
      ${signer?.commonName ?? say('không rõ', 'unknown')}${(signer?.organization ?? null) === null ? '' : html`, ${signer?.organization}`}
    </dd>
    ${
      signer === null
        ? ''
        : html`<dt>${say('Hộp thư trong chứng thư', 'Address in the certificate')}</dt>
            <dd>${signer.email ?? say('không ghi', 'none')}</dd>
            ${
              signer.uid === null
                ? ''
                : html`<dt>${say('Mã cơ quan', 'Agency code')}</dt>
                    <dd>${signer.uid}</dd>`
            }
            <dt>${say('Chứng thư', 'Certificate')}</dt>
            <dd>
              ${say('hiệu lực', 'valid')} ${moment(new Date(signer.notBefore))} –
              ${moment(new Date(signer.notAfter))}
              <div class="small mono">SHA-256 ${signer.sha256}</div>
            </dd>
            <dt>${say('Cấp bởi', 'Issuer')}</dt>
            <dd class="small">${signer.issuer}</dd>`
    }
    <dt>${say('Nội dung', 'Content')}</dt>
    <dd>
      ${
        signature.intact
          ? say('nguyên vẹn từ khi ký', 'unchanged since signing')
          : say('đã thay đổi sau khi ký', 'changed after signing')
      }${signature.coversAll ? '' : say('; chữ ký không bao trùm toàn bộ tệp', '; the signature does not cover everything')}
    </dd>
    <dt>${say('Đường dẫn chứng thực', 'Certificate path')}</dt>
    <dd>${chain}</dd>
    <dt>${say('Thời điểm ký', 'Signing time')}</dt>
    <dd>
      ${
        signature.timestamp !== null
          ? html`${moment(new Date(signature.timestamp))}
            (${say('dấu thời gian tin cậy', 'trusted time-stamp')})`
          : signature.signedAt !== null
            ? html`${moment(new Date(signature.signedAt))}
              (${say('do người ký khai', 'claimed by the signer')})`
            : '–'
      }
    </dd>
  </dl>`;
}
