import { bool, choice, integer, list, text } from '../kinds/index.ts';
import { defineOption } from '../option.ts';

/** Timers do not reach further. */
const LONGEST_SECONDS = 20 * 24 * 3600;

/** Steps that run in containers. The conductor may set each of them at lookup, but for the last three. */
export const containerOptions = {
  containerAllowArbitraryContainers: defineOption({
    section: 'container',
    name: 'allow_arbitrary_containers',
    kind: bool,
    default: false,
    doc: 'Let steps name any container image and options of their own, not only images of allowed_containers.',
  }),
  containerAllowedContainers: defineOption({
    section: 'container',
    name: 'allowed_containers',
    kind: list,
    default: [],
    doc: 'Container images that steps may name; they must be spelled the same, but for a leading docker:// or oci://.',
  }),
  containerContainerStepsFile: defineOption({
    section: 'container',
    name: 'container_steps_file',
    kind: text,
    default: '/etc/ironic-python-agent.d/mysteps.yaml',
    doc: 'YAML file that declares steps of its own, each with the container that does it. Its images need no allowance.',
  }),
  containerRunner: defineOption({
    section: 'container',
    name: 'runner',
    kind: choice(['podman', 'docker']),
    default: 'podman',
    doc: 'Program that runs the containers.',
  }),
  containerPullOptions: defineOption({
    section: 'container',
    name: 'pull_options',
    secret: 'in-options',
    kind: list,
    default: [],
    doc: 'Arguments for pulling a container image, separated by commas or blanks.',
  }),
  containerRunOptions: defineOption({
    section: 'container',
    name: 'run_options',
    secret: 'in-options',
    kind: list,
    default: ['--rm', '--network=host'],
    doc: 'Arguments for running a container, separated by commas or blanks.',
  }),
  containerRequireDigest: defineOption({
    section: 'container',
    name: 'require_digest',
    kind: bool,
    default: false,
    doc: 'Run only images that are named by the digest of their content (<name>@sha256:...), those of the steps file among them.',
  }),
  containerPullTimeout: defineOption({
    section: 'container',
    name: 'pull_timeout',
    kind: integer(1, LONGEST_SECONDS),
    default: 3600,
    doc: 'Seconds until the pull of a container image is given up.',
  }),
  containerRunTimeout: defineOption({
    section: 'container',
    name: 'run_timeout',
    kind: integer(1, LONGEST_SECONDS),
    default: 7 * 24 * 3600,
    doc: 'Seconds until a container of a step is stopped, and the step failed.',
  }),
} as const;
