(function(){
if(window.lemmaExercise)return;
window.lemmaExercise=1;
function closest(e,s){var t=e.target;return t&&t.closest?t.closest(s):null}
window.lemmaExpr.live("x-answer",function(form){form.hidden=false});
// Forms are never sent, not even to be caught: a sandboxed frame has no submit event.
function check(form){
var input=form.querySelector("input"),right=form.querySelector(".x-right");
var reply=window.lemmaExpr.check(JSON.parse(form.getAttribute("data-check")),input.value);
form.setAttribute("data-verdict",reply.verdict);
input.setAttribute("aria-invalid",String(reply.verdict==="malformed"));
if(right)right.hidden=reply.verdict!=="right";
window.lemmaExpr.say(form.querySelector(".x-reply"),reply.text);
}
document.addEventListener("click",function(e){
if(closest(e,".lemma-exercise .x-answer .x-button"))check(closest(e,".x-answer"));
});
document.addEventListener("keydown",function(e){
if(e.key!=="Enter"||e.isComposing||!closest(e,".lemma-exercise .x-answer input"))return;
e.preventDefault();
check(closest(e,".x-answer"));
});
// What is typed next has not been looked at.
document.addEventListener("input",function(e){
var form=closest(e,".lemma-exercise .x-answer");
if(!form||!form.getAttribute("data-verdict"))return;
form.removeAttribute("data-verdict");
form.querySelector("input").removeAttribute("aria-invalid");
form.querySelector(".x-reply").textContent="";
var right=form.querySelector(".x-right");
if(right)right.hidden=true;
});
})();
