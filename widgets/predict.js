(function(){
if(window.lemmaPredict)return;
window.lemmaPredict=1;
var NS="http://www.w3.org/2000/svg",short=window.lemmaExpr.short;
function forward(a,v){return a.k==="log"?(v>0?Math.log10(v):-Infinity):v}
// A place is 0 at the lower end of an axis and 1 at the upper one.
function place(a,v){var lo=forward(a,a.lo),hi=forward(a,a.hi);return(forward(a,v)-lo)/(hi-lo)}
function value(a,p){
var lo=forward(a,a.lo),hi=forward(a,a.hi),f=lo+p*(hi-lo);
return a.k==="log"?Math.pow(10,f):f;
}
function clamp(p){return Math.max(0,Math.min(1,p))}
function filled(x,y){
var out=y.slice(),last=-1;
y.forEach(function(v,i){
if(isNaN(v))return;
for(var k=last+1;k<i;k++){
var f=last<0?1:(x[k]-x[last])/(x[i]-x[last]);
out[k]=last<0?v:(1-f)*y[last]+f*v;
}
last=i;
});
if(last<0)return null;
for(var k=last+1;k<y.length;k++)out[k]=y[last];
return out;
}
// off is the mean distance to the truth in heights of the axis, from places; score as lesson.Curve.Score.
function off(x,y,truth){return y.reduce(function(s,v,i){return s+Math.abs(v-truth[i])/y.length},0)}
function score(d){return 100*Math.max(0,1-4*d)}
function make(name,attrs,to){
var e=document.createElementNS(NS,name);
Object.keys(attrs).forEach(function(k){e.setAttribute(k,attrs[k])});
to.appendChild(e);
return e;
}
// word is a value as a person reads it on the axis: three digits.
function word(v){return short(Number(v.toPrecision(3)))}
function pen(box){
var q=JSON.parse(box.getAttribute("data-curve")),plot=box.querySelectorAll(".p-open .l-plot")[q.panel];
if(!plot)return;
var svg=plot.querySelector("svg"),axes=JSON.parse(svg.getAttribute("data-axes")),ax=axes[0],ay=axes[1],vb=svg.viewBox.baseVal;
var xs=q.x.map(function(v){return place(ax,v)}),drawn=xs.map(function(){return NaN}),at=0,last=-1,locked=false;
function on(a,p){return a.a+p*(a.b-a.a)}
function px(p){return on(ax,p)}
function py(p){return on(ay,p)}
var tool=document.createElement("div");
tool.className="p-pen";
tool.tabIndex=0;
[["role","slider"],["aria-orientation","vertical"],["aria-label",q.label],["aria-valuemin",ay.lo],["aria-valuemax",ay.hi],["aria-describedby",q.how]].forEach(function(a){tool.setAttribute(a[0],a[1])});
tool.style.left=100*ax.a/vb.width+"%";
tool.style.width=100*(ax.b-ax.a)/vb.width+"%";
tool.style.top=100*ay.b/vb.height+"%";
tool.style.height=100*(ay.a-ay.b)/vb.height+"%";
plot.appendChild(tool);
var layer=make("g",{"class":"p-layer","aria-hidden":"true"},svg);
function paint(to,a){
while(to.firstChild)to.removeChild(to.firstChild);
var d="",before=false;
drawn.forEach(function(y,i){
if(isNaN(y))return;
d+=(before?"L":"M")+on(a[0],xs[i]).toFixed(1)+" "+on(a[1],y).toFixed(1);
before=true;
if((i===0||isNaN(drawn[i-1]))&&(i===drawn.length-1||isNaN(drawn[i+1])))make("circle",{cx:on(a[0],xs[i]),cy:on(a[1],y),r:3.5,"class":"p-dot"},to);
});
if(d)make("path",{d:d,"class":"p-mine",fill:"none"},to);
}
function show(){
paint(layer,axes);
var y=drawn[at],t=ax.n+" "+word(q.x[at])+": ";
make("path",{d:"M"+px(xs[at])+" "+ay.a+"V"+ay.b,"class":"p-at"},layer);
if(!isNaN(y))make("circle",{cx:px(xs[at]),cy:py(y),r:6,"class":"p-ring"},layer);
tool.setAttribute("aria-valuenow",isNaN(y)?ay.lo:value(ay,y));
tool.setAttribute("aria-valuetext",t+(isNaN(y)?"not drawn":ay.n+" "+word(value(ay,y))));
box.querySelector(".p-again").disabled=!locked&&!drawn.some(function(v){return!isNaN(v)});
}
// near is the height to start from where nothing is drawn: that of the nearest place drawn, else the middle.
function near(){
var y=filled(xs,drawn);
return y?y[at]:.5;
}
function put(e){
var b=tool.getBoundingClientRect(),x=(e.clientX-b.left)/b.width,y=clamp(1-(e.clientY-b.top)/b.height);
var i=xs.reduce(function(best,p,k){return Math.abs(p-x)<Math.abs(xs[best]-x)?k:best},0);
drawn[i]=y;
// A quick stroke skips places; they lie on the straight line.
if(last>=0&&last!==i)for(var k=Math.min(i,last)+1;k<Math.max(i,last);k++)drawn[k]=drawn[last]+(drawn[i]-drawn[last])*(xs[k]-xs[last])/(xs[i]-xs[last]);
last=at=i;
show();
}
tool.addEventListener("pointerdown",function(e){
if(locked||e.button)return;
tool.setPointerCapture(e.pointerId);
last=-1;
put(e);
e.preventDefault();
tool.focus({preventScroll:true});
});
tool.addEventListener("pointermove",function(e){if(!locked&&tool.hasPointerCapture(e.pointerId))put(e)});
tool.addEventListener("keydown",function(e){
if(e.altKey||e.ctrlKey||e.metaKey)return;
var step={ArrowUp:.02,ArrowDown:-.02,PageUp:.1,PageDown:-.1}[e.key],go={ArrowLeft:at-1,ArrowRight:at+1,Home:0,End:xs.length-1}[e.key];
if(step===undefined&&go===undefined&&e.key!=="Delete"&&e.key!=="Backspace")return;
e.preventDefault();
e.stopPropagation();
if(go!==undefined)at=Math.max(0,Math.min(xs.length-1,go));
else if(locked)return;
else if(step!==undefined)drawn[at]=clamp(isNaN(drawn[at])?near():drawn[at]+(e.shiftKey?step/4:step));
else drawn[at]=NaN;
show();
});
box.querySelector(".p-tools").hidden=false;
box.querySelector(".p-again").addEventListener("click",function(){
drawn=drawn.map(function(){return NaN});
at=0;last=-1;locked=false;
tool.removeAttribute("aria-disabled");
box.querySelector(".p-answer").open=false;
box.querySelector(".p-score").textContent="";
box.removeAttribute("data-score");
box.classList.remove("p-shown");
show();
tool.focus({preventScroll:true});
});
box.lemmaReveal=function(){
locked=true;
// The answer takes the place of the open picture.
box.classList.add("p-shown");
tool.setAttribute("aria-disabled","true");
var y=filled(xs,drawn),shown=box.querySelectorAll(".p-answer .l-plot")[q.panel].querySelector("svg"),g=shown.querySelector(".p-layer")||make("g",{"class":"p-layer","aria-hidden":"true"},shown);
paint(g,JSON.parse(shown.getAttribute("data-axes")));
show();
if(!y)return"Revealed without a drawing.";
box.setAttribute("data-drawn",JSON.stringify(drawn.map(function(v){return isNaN(v)?null:value(ay,v)})));
var d=off(xs,y,q.truth.map(function(v){return clamp(place(ay,v))}));
box.setAttribute("data-score",score(d));
var t="Your drawing scores "+Math.round(score(d))+" of 100: on average it is off by "+word(100*d)+" % of the height.";
if(q.base){
var b=score(off(xs,q.base.map(function(v){return clamp(place(ay,v))}),q.truth.map(function(v){return clamp(place(ay,v))})));
t+=" The guess to beat, "+q.obvious+", scores "+Math.round(b)+".";
}
return t;
};
show();
}
function guessScore(q,v){
var d=q.ratio?Math.abs(Math.log(v/q.answer))/Math.log(q.worst):Math.abs(v-q.answer)/q.worst;
return isNaN(d)?0:100*Math.max(0,1-d);
}
function guess(box,form){
var q=JSON.parse(form.getAttribute("data-guess")),input=form.querySelector("input"),mine=null;
form.hidden=false;
// Forms are never sent, not even to be caught: a sandboxed frame has no submit event.
function reveal(){
var note=form.querySelector(".p-note"),f;
try{f=window.lemmaExpr.parse(input.value,[])}catch(err){
if(!(err instanceof window.lemmaExpr.Bad))throw err;
input.setAttribute("aria-invalid","true");
window.lemmaExpr.say(note,input.value.trim()?"Cannot be read: "+err+".":"Nothing is typed yet.");
return;
}
input.removeAttribute("aria-invalid");
note.textContent="";
mine=f([]);
var d=box.querySelector(".p-answer");
if(d.open)window.lemmaExpr.say(box.querySelector(".p-score"),box.lemmaReveal());
d.open=true;
}
form.querySelector("button").addEventListener("click",reveal);
input.addEventListener("keydown",function(e){
if(e.key!=="Enter"||e.isComposing)return;
e.preventDefault();
reveal();
});
box.lemmaReveal=function(){
if(mine===null)return"Revealed without a guess.";
var s=guessScore(q,mine),t="Your guess, "+short(mine)+", scores "+Math.round(s)+" of 100: ";
box.setAttribute("data-score",s);
if(mine===q.answer)t+="exactly right.";
else if(q.ratio&&mine>0)t+=(mine>q.answer?word(mine/q.answer)+" times too large.":word(q.answer/mine)+" times too small.");
else t+=word(Math.abs(mine-q.answer))+(mine>q.answer?" too large.":" too small.");
if(q.obvious)t+=" The guess to beat, "+q.obvious+", scores "+Math.round(guessScore(q,q.base))+".";
return t;
};
}
window.lemmaExpr.live("lemma-predict",function(box){
var form=box.querySelector(".p-guess");
if(box.hasAttribute("data-curve"))pen(box);
else if(form)guess(box,form);
box.querySelector(".p-answer").addEventListener("toggle",function(e){
if(e.target.open&&box.lemmaReveal)window.lemmaExpr.say(box.querySelector(".p-score"),box.lemmaReveal());
});
});
})();
