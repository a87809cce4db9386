// Whoever signs in anew in another window has a new token against forged forms; what was opened before carries the old
// one and would be refused. A form takes the token that holds now, from its cookie, on its way.

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector('input[name="csrfmiddlewaretoken"]');
  const cookie = /(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/.exec(document.cookie);
  if (field && cookie) field.value = cookie[1];
}, true);
