// The QR code carries its secret behind the #, where no server and no log sees it.
// It is taken from the address at once and sent as a form.
const secret = location.hash.slice(1);
const scanned = document.getElementById("scanned");
if (secret && scanned) {
  history.replaceState(null, "", location.pathname);
  scanned.elements.secret.value = secret;
  scanned.hidden = false;
  document.getElementById("typed").hidden = true;
  scanned.submit();
  // Poor Wi-Fi: whoever is still here gets the button, and the code as another way.
  setTimeout(() => { document.getElementById("typed").hidden = false; }, 8000);
}
