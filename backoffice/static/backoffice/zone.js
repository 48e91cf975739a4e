// Tell the server the zone of this browser; from the next page on, times are in it.
(() => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (!timeZone) return;
  document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=lax${secure}`;
})();
