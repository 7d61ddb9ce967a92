import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { createTransport } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import type { Attachment, Notice } from '../store/notices.ts';
import { signMessage, type SigningKey } from './sign.ts';

/** What became of a try to hand a notice to the relay. */
export type Sending =
  | { readonly result: 'sent'; readonly answer: string }
  /** Try again later: 4xx, no connection, no answer. */
  | { readonly result: 'deferred'; readonly error: string }
  /** A clear 5xx. */
  | { readonly result: 'failed'; readonly error: string };

export interface Mailer {
  send(notice: Notice, at: Date, attachments?: readonly Attachment[]): Promise<Sending>;
  /** Connects and logs in without sending; throws what the relay said. */
  probe(): Promise<string>;
  close(): void;
}

export interface MailerOptions {
  /** smtp://user:password@host:port or smtps://… */
  readonly relayUrl: string;
  readonly from: string;
  readonly senderName: string;
  readonly key: SigningKey | null;
  /** Where a notice comes back to when it cannot be delivered. */
  readonly returnPathOf: (notice: string) => string;
  /** Puts activation links into the text at the last moment. */
  readonly fillIn: (text: string) => string;
}

/** Our letters as bytes: text first, plain HTML beside it, signed with the operator's key when there is one. */
export async function compose(
  notice: Notice,
  options: Omit<MailerOptions, 'relayUrl' | 'returnPathOf'>,
  at: Date,
  attachments: readonly Attachment[] = [],
): Promise<Buffer> {
  const message = new MailComposer({
    from: { name: options.senderName, address: options.from },
    to: notice.recipient,
    subject: notice.subject,
    text: options.fillIn(notice.text),
    html: linked(options.fillIn(notice.html)),
    messageId: notice.messageId,
    date: at,
    ...(notice.inReplyTo === null ? {} : { inReplyTo: notice.inReplyTo, references: notice.references }),
    attachments: attachments.map(({ filename, mediaType, content }) => ({
      filename,
      contentType: mediaType,
      content,
    })),
    // RFC 3834: so that nobody's automaton answers ours.
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' },
    newline: '\r\n',
    textEncoding: 'base64',
  });
  const bytes = await message.compile().build();
  return options.key === null ? bytes : signMessage(bytes, options.key, at);
}

const linked = (html: string): string =>
  html.replaceAll(/https?:\/\/[\w.:[\]/-]+\/kich-hoat\/[\w-]+/g, (url) => `<a href="${url}">${url}</a>`);

export function createMailer(options: MailerOptions): Mailer {
  const transport = createTransport({
    url: options.relayUrl,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SMTPTransport.Options);
  return {
    async send(notice, at, attachments = []) {
      try {
        const raw = await compose(notice, options, at, attachments);
        // The envelope is the registry's address alone: nothing from a letter can add a recipient.
        const info = await transport.sendMail({
          envelope: { from: options.returnPathOf(notice.id), to: [notice.recipient] },
          raw,
        });
        return { result: 'sent', answer: info.response };
      } catch (error) {
        const { responseCode, message } = error as { responseCode?: number; message: string };
        return {
          result: responseCode !== undefined && responseCode >= 500 ? 'failed' : 'deferred',
          error: message,
        };
      }
    },
    async probe() {
      await transport.verify();
      return 'the relay answers';
    },
    close() {
      transport.close();
    },
  };
}

/** What a server answered to one message. */
export interface Delivery {
  readonly code: number;
  readonly text: string;
}

/** Hands a finished message to an SMTP server as it is; a refusal is an answer, not a throw (the demo's clerk). */
export async function deliver(url: string, from: string, to: string, raw: Buffer): Promise<Delivery> {
  const transport = createTransport({
    url,
    tls: { rejectUnauthorized: false },
  } satisfies SMTPTransport.Options);
  try {
    const info = await transport.sendMail({ envelope: { from, to: [to] }, raw });
    return { code: Number.parseInt(info.response, 10), text: info.response };
  } catch (error) {
    const { responseCode, response, message } = error as {
      responseCode?: number;
      response?: string;
      message: string;
    };
    if (responseCode === undefined) throw error;
    return { code: responseCode, text: response ?? message };
  } finally {
    transport.close();
  }
}

export interface Draft {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly { readonly filename: string; readonly content: Buffer }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A letter as a mail program writes it, lines ending in CRLF. */
export async function draft(letter: Draft): Promise<Buffer> {
  return new MailComposer({
    ...letter,
    attachments: [...letter.attachments],
    headers: { ...letter.headers },
    newline: '\r\n',
    textEncoding: 'base64',
  })
    .compile()
    .build();
}
