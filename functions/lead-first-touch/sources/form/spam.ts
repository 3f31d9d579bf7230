import { textOf } from '../../../shared/door/answers.ts';
import type { Tree } from './body.ts';
import { isTree } from './shapes.ts';

const isFlag = (value: unknown): boolean => value === true || value === 1 || value === '1' || value === 'true';

const says = (value: unknown, ...words: string[]): boolean => words.includes(textOf(value)?.toLowerCase() ?? '');

const has = (tree: Tree, ...names: string[]): boolean => names.every((name) => tree[name] !== undefined);

/**
 * The bodies whose `status` or `state` is their own. Anywhere else a visitor may have been asked something of that name, and the
 * answer "spam" loses nobody.
 */
const OWN: readonly ((tree: Tree) => boolean)[] = [
  // Gravity Forms: an entry.
  (tree) => has(tree, 'form_id', 'date_created', 'source_url') && says(tree.status, 'spam', 'trash'),
  // Contact Form 7: what it answers, and what Flamingo stores of it.
  (tree) => (has(tree, 'posted_data_hash') || has(tree, 'channel', 'from_email')) && says(tree.status, 'spam'),
  // Fluent Forms, with all fields.
  ({ __submission: own }) => isTree(own) && has(own, 'form_id') && says(own.status, 'spam', 'trashed'),
  // Netlify.
  (tree) => has(tree, 'form_name', 'site_url') && says(tree.state, 'spam'),
  // coss: held for a person or spam; of one that is accepted later another event comes.
  (tree) => tree.type === 'form.submission.flagged' && isTree(tree.data),
];

/** Whether the form itself calls a post spam. A flag that is null, false, 0 or empty is none. */
export const isSpam = (tree: Tree): boolean =>
  isFlag(tree.is_spam) || isFlag(tree.isSpam) || tree.spam === true || OWN.some((isOwn) => isOwn(tree));
