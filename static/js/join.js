// The QR code carries its secret behind the #, where no server and no log sees it.
// It is taken from the address at once and sent as a form.
(() => {
  "use strict";

  const scanned = document.getElementById("scanned");
  const typed = document.getElementById("typed");

  function enter() {
    const secret = location.hash.slice(1);
    if (secret.length < 12) return; // not a secret: a link within the page
    history.replaceState(null, "", location.pathname);
    scanned.elements.secret.value = secret;
    scanned.hidden = false;
    typed.hidden = true;
    scanned.submit();
    // Poor Wi-Fi: whoever is still here gets the code as another way.
    setTimeout(() => { typed.hidden = false; }, 8000);
  }

  enter();
  window.addEventListener("hashchange", enter);
})();
