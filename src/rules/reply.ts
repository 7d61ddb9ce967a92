/**
 * What a door answers (RFC 5321 §4.2, RFC 3463). Code and enhanced status are one typed value, so that a 5xx can
 * never carry a 4.x.x status or the other way round.
 */
export type Reply =
  | { readonly code: 250; readonly status: `2.${number}.${number}`; readonly text: string }
  | { readonly code: 421 | 450 | 451 | 452; readonly status: `4.${number}.${number}`; readonly text: string }
  | {
      readonly code: 500 | 501 | 503 | 530 | 550 | 552 | 553 | 554;
      readonly status: `5.${number}.${number}`;
      readonly text: string;
    };

/** Unknown trouble is always temporary; its cause goes to our log, never to the peer. */
export const TROUBLE: Reply = Object.freeze({
  code: 451,
  status: '4.3.0',
  text: 'He thong tam thoi chua tiep nhan duoc, de nghi gui lai sau. / Temporary trouble on our side, please try again later.',
});

export const accepted = (reply: Reply): boolean => reply.code === 250;
export const temporary = (reply: Reply): boolean => reply.code >= 400 && reply.code < 500;

/** Thrown inside a door's callback to speak its own reply; every other throw becomes `TROUBLE`. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly reply: Reply;
  constructor(reply: Reply, cause?: unknown) {
    super(`${reply.code} ${reply.status} ${reply.text}`, { cause });
    this.reply = reply;
  }
}
