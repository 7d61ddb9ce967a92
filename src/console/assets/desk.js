// Comfort only: everything on the desk works without this file.
// "/" goes to the search field; j and k walk through a list of letters; pictures grow on a click.
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof Element && event.target.closest('input, textarea, select');
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === '/') {
    const field = document.querySelector('[data-search]');
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
  if (event.key === 'j' || event.key === 'k') {
    const links = [...document.querySelectorAll('[data-walk] a')];
    const next = links.indexOf(document.activeElement) + (event.key === 'j' ? 1 : -1);
    links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  }
});
for (const picture of document.querySelectorAll('[data-zoom]')) {
  picture.addEventListener('click', (event) => {
    event.preventDefault();
    picture.classList.toggle('zoomed');
  });
}
// A check that runs in the background: look again in a while.
if (document.querySelector('[data-reload]')) setTimeout(() => location.reload(), 2000);
