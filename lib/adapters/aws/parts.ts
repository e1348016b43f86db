import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, Throttled, Unavailable } from '../../ports/outcome.ts';
import { must } from '../../std/assert.ts';
import { checkedParts, partBytesMin } from '../bounds.ts';
import { checksum } from './checksum.ts';
import { createFailure, readFailure } from './failures.ts';
import type { Asked } from './failures.ts';

type Created = ConditionalOutcome<undefined, undefined>;

export interface Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

/**
 * One object from parts. A part below S3's minimum is by the port's rule the only one, or the last:
 * one alone is put at once. Each part is sent before the next is asked for, so that no more than
 * one is held.
 */
export async function putParts(
  target: Target,
  parts: AsyncIterable<Uint8Array>,
  putWhole: (bytes: Uint8Array) => Promise<Created>,
): Promise<Created> {
  const upload = new Upload(target);
  let whole = new Uint8Array();
  try {
    for await (const part of checkedParts(parts)) {
      if (part.length < partBytesMin && !upload.isBegun) {
        // That it is the last is known only when the caller was asked once more.
        whole = new Uint8Array(part);
        continue;
      }
      const failure = await upload.add(part);
      if (failure !== undefined) return await upload.abort(failure);
    }
  } catch (error) {
    await upload.abort(error);
    throw error;
  }
  return upload.isBegun ? upload.complete() : putWhole(whole);
}

/** A multipart upload. Nothing of it is visible, or ever will be, until it is completed. */
class Upload {
  readonly #client: S3Client;
  readonly #object: { readonly Bucket: string; readonly Key: string };
  readonly #asked: Asked;
  readonly #parts: CompletedPart[] = [];
  #id: string | undefined;

  constructor({ client, bucket, key }: Target) {
    this.#client = client;
    this.#object = { Bucket: bucket, Key: key };
    this.#asked = { action: 's3:PutObject', of: `bucket=${bucket}` };
  }

  get isBegun(): boolean {
    return this.#id !== undefined;
  }

  /** Unsure of a part is sure of the object: it is not there. */
  async add(bytes: Uint8Array): Promise<Throttled | Unavailable | undefined> {
    try {
      const UploadId = (this.#id ??= await this.#begin());
      const ChecksumCRC32C = checksum(bytes);
      const PartNumber = this.#parts.length + 1;
      const { ETag } = await this.#client.send(
        new UploadPartCommand({
          ...this.#object,
          UploadId,
          PartNumber,
          Body: bytes,
          ChecksumCRC32C,
        }),
      );
      this.#parts.push({ PartNumber, ETag, ChecksumCRC32C });
      return undefined;
    } catch (error) {
      return readFailure(error, this.#asked);
    }
  }

  async complete(): Promise<Created> {
    try {
      await this.#client.send(
        new CompleteMultipartUploadCommand({
          ...this.#object,
          UploadId: this.#id,
          MultipartUpload: { Parts: this.#parts },
          IfNoneMatch: '*',
        }),
      );
      return done(undefined);
    } catch (error) {
      const failure = createFailure(error, this.#asked);
      // S3 answers this call before it has ended, so even "slow down" may come after the fact.
      const unsure = failure.kind === 'throttled';
      const cause = 'the completion of an upload was throttled';
      return this.abort(unsure ? { kind: 'indeterminate', cause } : failure);
    }
  }

  /**
   * Lets S3 forget the parts, and passes `reason` on. What fails here is left to the bucket's rule
   * for incomplete uploads.
   */
  async abort<T>(reason: T): Promise<T> {
    if (this.#id === undefined) return reason;
    const command = new AbortMultipartUploadCommand({ ...this.#object, UploadId: this.#id });
    await this.#client.send(command).catch(() => undefined);
    return reason;
  }

  async #begin(): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#object,
      ChecksumAlgorithm: 'CRC32C',
    });
    return must((await this.#client.send(command)).UploadId, 'id of an upload');
  }
}
