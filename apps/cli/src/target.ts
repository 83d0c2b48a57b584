import { usageFailure } from './failure.ts';

const PATH = /^(?!(?:.*\/)?\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._@-]+$/;

/** The request target of a secret, below `/api/v1`. A path stands in it as it is: what would need escaping is none. */
export function secretTarget(path: string): string {
  if (PATH.test(path)) return `/secrets/${path}`;
  throw usageFailure(
    'this is not the path of a secret',
    'a path is written payments/prod/db: names of A-Z a-z 0-9 . _ - with / between them',
  );
}

/** The request target of something by its name, below `/api/v1`. */
export function namedTarget(
  collection: 'roles' | 'operators' | 'approvals' | 'providers' | 'oidc' | 'issuers' | 'trust-bundles',
  name: string,
): string {
  if (NAME.test(name)) return `/${collection}/${name}`;
  throw usageFailure('this is not a name', 'a name is of A-Z a-z 0-9 . _ @ -');
}
