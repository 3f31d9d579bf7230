/** Types that a person writes or chooses. An allow-list: `system`, `action`, `call`, `unknown` and whatever comes next are no messages. */
export const CONTENT: ReadonlySet<string> = new Set([
  'text',
  'link_preview',
  'reply',
  'buttons',
  'list',
  'interactive',
  'poll',
  'order',
  'product',
  'location',
  'live_location',
  'contact',
  'contact_list',
  'image',
  'video',
  'gif',
  'short',
  'audio',
  'voice',
  'document',
  'documentwithcaption',
  'sticker',
  'hsm',
  // Or anything else that WhatsApp shows on the phone alone: that somebody wrote is all that is known.
  'view_once',
]);

/** Types that are no person's words, whatever text stands in them. */
export const NOISE: ReadonlySet<string> = new Set([
  'system',
  'action',
  'call',
  'call_log',
  'reaction',
  'revoked',
  'protocol',
  'ciphertext',
  'e2e_notification',
  'notification',
  'notification_template',
  'gp2',
  'story',
  'pin',
  'pinned',
  'event',
  'catalog',
  'product_items',
  'group_invite',
  'newsletter_invite',
  'admin_invite',
  // The pictures of an album come one by one behind it.
  'album',
  'vote',
]);

/** A familiar type under another name: of WhatsApp in the browser, and of libraries that write theirs. In small letters. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  chat: 'text',
  conversation: 'text',
  ptt: 'voice',
  ptv: 'short',
  vcard: 'contact',
  multi_vcard: 'contact_list',
  poll_creation: 'poll',
  poll_update: 'vote',
  poll_vote: 'vote',
  buttons_response: 'reply',
  list_response: 'reply',
  template_button_reply: 'reply',
  interactive_response: 'reply',
  nfm_reply: 'reply',
  viewonce: 'view_once',
  broadcast_notification: 'notification',
  groups_v4_invite: 'group_invite',
  pinned_message: 'pin',
};

/**
 * What WhatsApp itself calls the content of a message, as the device's library hands it over
 * (https://github.com/WhiskeySockets/Baileys/blob/master/WAProto/WAProto.proto). In small letters, without `message` and the version at
 * the end.
 */
const OWN_NAMES: Readonly<Record<string, string>> = {
  extendedtext: 'text',
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'document',
  sticker: 'sticker',
  lottiesticker: 'sticker',
  stickerpack: 'sticker',
  contact: 'contact',
  contactsarray: 'contact_list',
  location: 'location',
  livelocation: 'live_location',
  pollcreation: 'poll',
  order: 'order',
  product: 'product',
  buttons: 'buttons',
  list: 'list',
  template: 'hsm',
  highlystructured: 'hsm',
  interactive: 'interactive',
  buttonsresponse: 'reply',
  templatebuttonreply: 'reply',
  listresponse: 'reply',
  interactiveresponse: 'reply',
  // Of a business that WhatsApp shows on the phone alone: https://github.com/fazer-ai/chatwoot/pull/457
  placeholder: 'view_once',
  protocol: 'protocol',
  senderkeydistribution: 'protocol',
  fastratchetkeysenderkeydistribution: 'protocol',
  historynotice: 'protocol',
  messagehistorynotice: 'protocol',
  messagehistorybundle: 'protocol',
  stickersyncrmr: 'protocol',
  requestphonenumber: 'protocol',
  keepinchat: 'protocol',
  reaction: 'reaction',
  encreaction: 'reaction',
  pininchat: 'pin',
  pollupdate: 'vote',
  pollresultsnapshot: 'vote',
  event: 'event',
  enceventresponse: 'event',
  call: 'call',
  bcall: 'call',
  calllog: 'call_log',
  scheduledcallcreation: 'call',
  scheduledcalledit: 'call',
  album: 'album',
  groupinvite: 'group_invite',
  newsletteradmininvite: 'admin_invite',
  newsletterfollowerinvite: 'newsletter_invite',
  groupstatus: 'story',
  groupstatusmention: 'story',
  statusmention: 'story',
  statusnotification: 'story',
  comment: 'action',
  enccomment: 'action',
};

const at = (names: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(names, name) ? names[name] : undefined;

/** A type as it is called here, where it is known under another name. @param type in small letters */
export const ourTypeOf = (type: string): string => at(OTHER_NAMES, type) ?? ownTypeOf(type) ?? type;

/** The type of what stands under one of WhatsApp's own names, such as `imageMessage`; `undefined` of one that nobody here knows. */
export const ownTypeOf = (name: string): string | undefined => {
  const bare = bareName(name);
  return at(OTHER_NAMES, bare) ?? at(OWN_NAMES, bare);
};

const bareName = (name: string): string => name.toLowerCase().replace(/mes{2,}age(v\d+)?$/, '');

/** Of either list. What has words and is of none is a text, whatever its type is called: services name theirs as they like. */
export const isFamiliar = (type: string | undefined): boolean =>
  type !== undefined && (CONTENT.has(type) || NOISE.has(type));
