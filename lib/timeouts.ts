/** By function: how many seconds it may take. */
const OWN: Readonly<Record<string, number>> = {
  // A message is begun only while its whole lease of 60 s is left; what of a batch is left then comes again at once.
  sender: 90,
  'webhook-receiver': 15,
  // Longer than the calls of ten items side by side, each with a few requests of 10 s; shorter than a consumer's lease of 90 s.
  'crm-sync': 60,
  escalation: 60,
  // Two hundred stacks, some of them slow to answer; over before it is called again.
  watcher: 240,
};

/** API Gateway waits 30 s for a door; a work batch makes a few look-ups of 10 s at most. */
const TEMPLATE_SECONDS = 30;

/** @param name of a function: its folder */
export const timeoutSeconds = (name: string): number => OWN[name] ?? TEMPLATE_SECONDS;
