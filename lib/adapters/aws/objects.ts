import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { _Error as KeyError, S3Client } from '@aws-sdk/client-s3';
import type { ByteRange, ObjectPage, ObjectStore } from '../../ports/object-store.ts';
import { done } from '../../ports/outcome.ts';
import type { ConditionalOutcome, ReadOutcome, WriteOutcome } from '../../ports/outcome.ts';
import { must } from '../../std/assert.ts';
import { limits } from '../../std/limits.ts';
import { assertByteRange, assertObjectKey, assertObjectKeys } from '../bounds.ts';
import { checksum } from './checksum.ts';
import { createFailure, nameOf, readFailure, statusOf, writeFailure } from './failures.ts';
import type { Asked } from './failures.ts';
import { putParts } from './parts.ts';

/** Objects on S3. One request per call; only `putParts` of more than one part takes more. */
export class S3Objects implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucketName: string) {
    this.#client = client;
    this.#bucket = bucketName;
  }

  async put(key: string, bytes: Uint8Array): Promise<ConditionalOutcome<undefined, undefined>> {
    assertObjectKey(key);
    // The caller may change its bytes while they are being sent.
    const copy = new Uint8Array(bytes);
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: copy,
      IfNoneMatch: '*',
      ChecksumCRC32C: checksum(copy),
    });
    try {
      await this.#client.send(command);
      return done(undefined);
    } catch (error) {
      return createFailure(error, this.#asked('PutObject'));
    }
  }

  async putParts(
    key: string,
    parts: AsyncIterable<Uint8Array>,
  ): Promise<ConditionalOutcome<undefined, undefined>> {
    assertObjectKey(key);
    const target = { client: this.#client, bucket: this.#bucket, key };
    return putParts(target, parts, (bytes) => this.put(key, bytes));
  }

  async get(key: string, range?: ByteRange): Promise<ReadOutcome<Uint8Array | undefined>> {
    assertObjectKey(key);
    if (range !== undefined) assertByteRange(range);
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      // Of an object that was put at once and is read whole, the SDK compares the checksum.
      ...(range === undefined ? { ChecksumMode: 'ENABLED' } : { Range: rangeHeader(range) }),
    });
    try {
      const { Body } = await this.#client.send(command);
      return done(await must(Body, 'body').transformToByteArray());
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return done(undefined);
      // The object is there, and ends before the range begins.
      if (statusOf(error) === 416) return done(new Uint8Array());
      return readFailure(error, this.#asked('GetObject'));
    }
  }

  async delete(keys: readonly string[]): Promise<WriteOutcome<readonly string[]>> {
    assertObjectKeys(keys);
    if (keys.length === 0) return done([]);
    const asked = this.#asked('DeleteObject');
    const command = new DeleteObjectsCommand({
      Bucket: this.#bucket,
      Delete: { Objects: keys.map((Key) => ({ Key })) },
    });
    try {
      const { Deleted = [], Errors = [] } = await this.#client.send(command);
      const deleted = new Set(Deleted.map(({ Key }) => Key));
      const gone = keys.filter((key) => deleted.has(key));
      const [first] = Errors;
      // If none went, why is worth more than an empty list: a permission may be missing.
      return gone.length > 0 || first === undefined
        ? done(gone)
        : writeFailure(refusal(first), asked);
    } catch (error) {
      return writeFailure(error, asked);
    }
  }

  async list(prefix: string, after?: string): Promise<ReadOutcome<ObjectPage>> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      MaxKeys: limits.objectKeysMax,
      ...(after === undefined ? {} : { StartAfter: after }),
    });
    try {
      const { Contents = [], IsTruncated } = await this.#client.send(command);
      const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      return done({ keys, next: IsTruncated === true ? keys.at(-1) : undefined });
    } catch (error) {
      return readFailure(error, this.#asked('ListBucket'));
    }
  }

  #asked(action: string): Asked {
    return { action: `s3:${action}`, of: `bucket=${this.#bucket}` };
  }
}

function rangeHeader({ from, length }: ByteRange): string {
  return `bytes=${from}-${from + length - 1}`;
}

/** What S3 says of one key, as the error that it would be for a request of its own. */
function refusal({ Code = 'UnknownError', Message = '' }: KeyError): Error {
  const $metadata = Code === 'AccessDenied' ? { httpStatusCode: 403 } : {};
  return Object.assign(new Error(Message), { name: Code, $metadata });
}
