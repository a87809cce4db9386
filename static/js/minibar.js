// On a phone the promise leaves the screen first: then a small bar with its time and acts stands at the top instead.
// <div class="mini" data-for="promise" hidden> … stands for the element with that id.

const watch = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting, boundingClientRect } of seen) {
    document.querySelector(`.mini[data-for="${target.id}"]`).hidden = isIntersecting || boundingClientRect.top > 0;
  }
});

for (const bar of document.querySelectorAll(".mini[data-for]")) {
  const card = document.getElementById(bar.dataset.for);
  if (card) watch.observe(card);
}
