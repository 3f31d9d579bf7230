import { lineToken } from '../../../functions/shared/ezwhatsapp/tokens.ts';
import { lineTokenName } from '../../../lib/parameter-names.ts';
import { readSecret } from '../../secrets/store.ts';
import type { Target } from '../../target/target.ts';
import { readersOf } from '../policy.ts';
import type { Fact, Row, Say } from '../report.ts';
import { scanTrackedFiles } from '../scan.ts';

const isUsable = (value: string | undefined): value is string => {
  try {
    lineToken(value ?? '');
    return true;
  } catch {
    return false;
  }
};

const verdict = (
  usable: boolean,
  readers: readonly string[],
  found: readonly string[] | undefined,
): [Row['state'], Say] => {
  if (!usable) return ['failed', { say: 'auth_missing' }];
  if (readers.join() !== 'sender')
    return ['failed', { say: 'auth_readers', with: { readers: readers.join(', ') || '–' } }];
  if (found === undefined) return ['waits', { say: 'auth_no_git' }];
  if (found.length > 0) return ['failed', { say: 'auth_found', with: { files: found.join(', ') } }];
  return ['proven', { say: 'auth_proven' }];
};

/** The line token: where it lies, who may read it by the stack's own policies, and that no tracked file holds one. */
export const auth = async (target: Target): Promise<Row> => {
  const name = lineTokenName(target.client.name);
  const secret = await readSecret(target, 'line-token');
  const readers = readersOf(target.template, name);
  const scan = await scanTrackedFiles(secret?.value);
  const [state, because] = verdict(isUsable(secret?.value), readers, scan?.found);
  const facts: Fact[] = [
    { label: 'secret', value: name },
    { label: 'version', value: secret?.versionId ?? '–' },
    { label: 'readers', value: readers.join(', ') || '–' },
    ...(scan
      ? [
          { label: 'scanned', value: String(scan.files) } as const,
          { label: 'found', value: String(scan.found.length) } as const,
        ]
      : []),
  ];
  return { area: 'auth', state, because, facts };
};
