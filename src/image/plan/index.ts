export { environmentProxy, type ProxyFor } from './access.ts';
export { algorithmByLength, type ExpectedDigest, expectedDigest, refuseMd5 } from './checksum.ts';
export { ImageInfo } from './image-info.ts';
export type { PartitionRequest } from './partition-request.ts';
export { type ImagePlan, planImage, withoutQuery } from './plan.ts';
