import type { Item, ItemKey } from '../ports/metadata-table.ts';
import { decodeJson, encodeJson } from './json-body.ts';
import { stageEpochMax } from './object-keys.ts';
import { plainItem } from './plain-item.ts';

/*
 * What a deployment has one of.
 *
 *     pk        SYS
 *     sk        stage                       cluster
 *     version   every change adds 1         every change adds 1
 *     body      {v, epoch}                  {v, clusterId, featureLevel}
 */

const systemPk = 'SYS';

/** The epoch under which objects are staged. Only the sweeper raises it. */
export interface StageEpoch {
  /** 0 … 2^32−1; 0 while there is no item. */
  readonly epoch: number;
  readonly version: number;
}

export const stageEpochKey: ItemKey = { pk: systemPk, sk: 'stage' };

export function encodeStageEpoch({ epoch, version }: StageEpoch): Item {
  return plainItem(stageEpochKey, version, encodeJson({ epoch }));
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeStageEpoch(item: Item): StageEpoch {
  return { epoch: decodeJson(item).integer('epoch', 0, stageEpochMax), version: item.version };
}

export interface Cluster {
  /** Kafka's cluster id: 22 characters of base64url. Given once. */
  readonly clusterId: string;
  /** Up to here all releases that are in use know the formats. Only rises. */
  readonly featureLevel: number;
  readonly version: number;
}

export const clusterKey: ItemKey = { pk: systemPk, sk: 'cluster' };

/** `before`: the item that it replaces, whose fields of a newer release it keeps. */
export function encodeCluster({ clusterId, featureLevel, version }: Cluster, before?: Item): Item {
  return plainItem(clusterKey, version, encodeJson({ clusterId, featureLevel }, before));
}

/** Throws MalformedBytes, or UnknownFormat. */
export function decodeCluster(item: Item): Cluster {
  const body = decodeJson(item);
  return {
    clusterId: body.string('clusterId'),
    featureLevel: body.integer('featureLevel'),
    version: item.version,
  };
}
