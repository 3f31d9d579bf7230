import { ASSUMPTIONS, type Assumption, NAMES } from '../local/sandbox/contract/assumptions.ts';
import { marked } from './marked.ts';

const MARKS = {
  begin: '<!-- contract table: npm run contract -- --accept -->',
  end: '<!-- end of the contract table -->',
};

const STORIES = '[every story](../test/emulated/contracts.test.ts)';
const SANDBOX = '[the sandbox](../test/emulated/sandbox-contract.test.ts)';

const rowOf = (name: string, { about, variants, rests }: Assumption): string => {
  const [assumed, ...others] = variants.map(([variant, does]) => `\`${variant}\` ${does}`);
  const files = rests.map(([path, what]) => `[${path.split('/').slice(-2).join('/')}](../${path}): ${what}`);
  const cells = [
    `\`${name}\`: ${about}`,
    [`**${assumed}**`, ...others].join('<br>'),
    files.join('<br>'),
    `\`${name}=…\` in ${STORIES} and of ${SANDBOX}`,
  ];
  return `| ${cells.join(' | ')} |`;
};

/** Every assumption with its variants, what rests on it and what tests it, as Markdown that stands in docs/. */
export const contractTable = (): string =>
  [
    '| what is not said | what EZWhatsApp may do (assumed: the first) | what rests on it | tests |',
    '|---|---|---|---|',
    ...NAMES.map((name) => rowOf(name, ASSUMPTIONS[name])),
  ].join('\n');

/** The page with the table as it is now between its markers. Throws where it has no markers. */
export const withContractTable = (page: string): string => marked(page, MARKS, contractTable());
