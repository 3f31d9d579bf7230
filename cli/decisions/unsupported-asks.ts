/** What the vendor names as unsupported asks: the integration must not guess an answer, a person decides and signs. */
export const UNSUPPORTED_ASKS = [
  {
    ask: 'campaigns',
    what: 'One text to many people, or more messages an hour than sender.burstPerHour allows without a decision.',
    usually: 'No campaigns through this integration. They belong to the Platform customer-admin campaign surface.',
  },
  {
    ask: 'cold-outbound',
    what: 'Messages to people who neither wrote before nor caused the event.',
    usually: 'Only people with a source event of their own, or who wrote first, are written to.',
  },
  {
    ask: 'official-waba',
    what: 'The official WhatsApp Business Platform: approved templates, the 24-hour window, green ticks.',
    usually: 'This line is a linked device, not the official platform. Nothing here relies on its features.',
  },
  {
    ask: 'groups-and-channels',
    what: 'Automatic messages into groups, channels, broadcasts or statuses.',
    usually: 'Never. Whatever comes from there is recorded at most and never answered.',
  },
  {
    ask: 'bots',
    what: 'Automatic answers to people, an AI agent included.',
    usually: 'People answer in the workspace. No automatic replies.',
  },
  {
    ask: 'crm-ownership',
    what: 'Whether the CRM may say who owns a conversation.',
    usually: 'The workspace owns conversations. The CRM sees them and changes nothing there.',
  },
  {
    ask: 'compliance',
    what: 'Consent, opt-out words, retention and who answers a complaint, under the client’s law.',
    usually: 'The client has the consent of those it writes to, and names who answers opt-outs and complaints.',
  },
] as const;

/** A decision as it stands in a client file, to be completed by hand. */
export const decisionForm = ({ ask, what, usually }: (typeof UNSUPPORTED_ASKS)[number], indent = ''): string =>
  [
    `// ${what}`,
    '{',
    `  ask: '${ask}',`,
    `  decision: '${usually}',`,
    `  reason: '…',`,
    `  decidedBy: '… (name and role at the client)',`,
    `  on: 'YYYY-MM-DD',`,
    '},',
  ]
    .map((line) => indent + line)
    .join('\n');
