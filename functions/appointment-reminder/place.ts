/** Kinds of meeting that some calendars write in place of where it is, and numbers. */
const NO_PLACE = /^(https?:|www\.|[\w-]+:\S*$|\+?[\d\s()./-]+$)|^(phone|userphone|link|conferencing)$/i;

/** Whether what a calendar says of where people meet is a place, and not a link, a number or a kind of call. */
export const isPlace = (location: string | undefined): boolean =>
  location !== undefined && location.trim() !== '' && !NO_PLACE.test(location.trim());
