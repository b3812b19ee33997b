(function(){
if(window.lemmaBreak)return;
window.lemmaBreak=1;
// spoken is the text of an element without the TeX beside its formulas.
function spoken(e){
e=e.cloneNode(true);
e.querySelectorAll("annotation").forEach(function(a){a.remove()});
return e.textContent.trim();
}
// set shows the state of the switches and returns its words: verdict and counterexample.
function set(box){
var k=0,words="";
box.querySelectorAll(".b-switch input").forEach(function(c,i){if(c.checked)k|=1<<i});
box.querySelectorAll(".b-state").forEach(function(s,i){
s.hidden=i!==k;
s.open=true;
if(i===k)words=[].map.call(s.querySelectorAll(".b-verdict,.b-counter"),spoken).join(" ");
});
return words;
}
window.lemmaExpr.live("lemma-break",function(box){
box.querySelector(".b-switches").hidden=false;
set(box);
});
document.addEventListener("change",function(e){
var t=e.target,box=t&&t.closest&&t.closest(".b-switch")?t.closest(".lemma-break"):null;
if(box)window.lemmaExpr.say(box.querySelector(".b-say"),set(box));
});
})();
