import { InvalidCommandParams } from '../../../core/index.ts';
import { ContainerNotPermitted } from '../../errors.ts';
import type { ContainerOrder, ContainerSettings, GivenOptions, WantedContainer } from './settings.ts';

/** Options are split on white space wherever they come from, so a list of words and one text mean the same. */
export const wordsOf = (given: string | readonly string[]): readonly string[] =>
  [given].flat().flatMap((text) => text.split(/\s+/).filter((word) => word !== ''));

const orConfigured = (given: GivenOptions, configured: readonly string[]): readonly string[] =>
  wordsOf(given ?? configured);

const TRANSPORT = /^(docker|oci):\/\//;
const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Without the transport that the allow-list does not tell apart; no other one is removed. */
const bare = (image: string): string => image.replace(TRANSPORT, '');

export const isPinned = (image: string): boolean => DIGEST.test(image);

/** A leading dash would be an option of the runner; no reference to an image has white space in it. */
export const isImageName = (image: string): boolean => /^[^-\s]\S*$/.test(image);

function assertPinned(image: string, { requireDigest }: ContainerSettings): void {
  if (!requireDigest || isPinned(image)) return;
  throw ContainerNotPermitted(`${image} is not named by its digest, and [container]require_digest is set`, {
    hint: 'name it as <registry>/<name>@sha256:<64 hexadecimal digits>',
  });
}

/**
 * The order of an entry of the steps file, which is trusted: its own options, else the configured ones (steps.md 7.1).
 * @throws ContainerNotPermittedError when only a digest would do
 */
export function orderOfFile(wanted: WantedContainer, settings: ContainerSettings): ContainerOrder {
  assertPinned(wanted.image, settings);
  return {
    image: wanted.image,
    pullOptions: orConfigured(wanted.pullOptions, settings.pullOptions),
    runOptions: orConfigured(wanted.runOptions, settings.runOptions),
  };
}

/**
 * The order of a step whose arguments name the image. An image of the allow-list runs with the configured options
 * alone: with others it could be made to do something else.
 * @throws InvalidCommandParamsError, ContainerNotPermittedError
 */
export function orderOfArguments(wanted: WantedContainer, settings: ContainerSettings): ContainerOrder {
  const { image } = wanted;
  if (!isImageName(image))
    throw InvalidCommandParams(`container_url ${JSON.stringify(image)} is not the name of a container image`);
  if (settings.allowArbitrary) return orderOfFile(wanted, settings);
  if (!settings.allowed.some((one) => bare(one) === bare(image)))
    throw ContainerNotPermitted(
      `${image} is not in [container]allowed_containers, and [container]allow_arbitrary_containers is false`,
    );
  return orderOfFile({ image }, settings);
}

/** Whether options of the arguments have no effect on that order. */
export const ignoresOptions = ({ pullOptions, runOptions }: WantedContainer, settings: ContainerSettings): boolean =>
  !settings.allowArbitrary && [pullOptions, runOptions].some((given) => given !== null && given !== undefined);
