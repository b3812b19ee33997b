// The explorers of a page: each figure.lemma-explore has controls and the packed figures of its grid.
if(window.lemmaExplore){window.lemmaExplore();return}
var all=[],touched;
function figureScript(){var f=window.lemmaFigure;return f&&f.press?f:{press:function(){},forget:function(){},fmt:String}}
function one(e,s){return e.querySelector(s)}
function list(e,s){return Array.prototype.slice.call(e.querySelectorAll(s))}
function scan(){
list(document,"figure.lemma-explore").forEach(function(fig){
if(fig.lemmaExplorer)return;
var src=one(fig,"script.e-data");
if(!src)return;
var x={fig:fig,src:src,off:{},link:fig.getAttribute("data-link")};
fig.lemmaExplorer=x;
all.push(x);
x.inputs=list(fig,".e-in");
x.inputs.forEach(function(e){e.disabled=false});
list(fig,".e-play").forEach(function(e){e.hidden=false});
if(window.IntersectionObserver){
var o=new IntersectionObserver(function(seen){
if(!seen.some(function(s){return s.isIntersecting}))return;
o.disconnect();
(window.requestIdleCallback||setTimeout)(function(){ready(x)});
},{rootMargin:"200px"});
o.observe(fig);
}
});
}
// ready unpacks an explorer when it is first needed.
function ready(x){
if(x.controls)return x;
var d=JSON.parse(x.src.textContent);
x.controls=d.controls;
x.pos=x.inputs.map(first);
x.frames=lemmaUnpack(d.data);
x.panels=list(x.fig,".l-panel").map(function(p){return{root:p,keys:one(p,".l-keys"),plot:one(p,".l-plot"),svg:one(p,".l-plot>svg")}});
x.live=x.fig.getAttribute("data-lemma-live");
if(x.live&&window.fetch)x.controls.forEach(function(c,i){if(c.between)x.inputs[i].step=.01});
x.keys=one(x.fig,".l-keys");
x.caption=one(x.fig,"figcaption");
x.say=one(x.fig,".e-say");
x.grid=index(x);
x.now=x.frames.frame(x.grid);
x.inputs.forEach(function(e,i){if(at(e)!==x.pos[i])move(x,i,at(e))}); // a browser may bring back what was set before a reload
return x;
}
// first is where a control stood in the page as it was written: the figure that is there.
function first(e){
if(e.type==="checkbox")return+e.defaultChecked;
return e.options?Math.max(0,list(e,"option").findIndex(function(o){return o.defaultSelected})):+e.defaultValue;
}
function at(e){return e.type==="checkbox"?+e.checked:+e.value}
function index(x){
var k=0;
x.controls.forEach(function(c,i){k=k*c.words.length+Math.round(x.pos[i])});
return k;
}
// set moves control i of an explorer, and those of the same name in explorers linked to it.
function set(x,i,v){
touched=x;
move(x,i,v);
if(!x.link)return;
var c=x.controls[i];
all.forEach(function(y){
if(y===x||y.link!==x.link||!document.contains(y.fig))return;
ready(y).controls.forEach(function(d,j){
if(d.name===c.name&&d.kind===c.kind)move(y,j,same(c,d,v));
});
});
}
// same is the place on control d of what control c has at v.
function same(c,d,v){
var k=Math.round(v);
if(c.kind==="select")return Math.max(0,d.words.indexOf(c.words[k]));
if(c.kind!=="slider")return v;
var best=0,want=c.values[k];
d.values.forEach(function(t,j){if(Math.abs(t-want)<Math.abs(d.values[best]-want))best=j});
return best;
}
function move(x,i,v){
if(x.pos[i]===v)return;
x.pos[i]=v;
var e=x.inputs[i],c=x.controls[i],word=spoken(c,v);
if(e.type==="checkbox")e.checked=!!v;
else if(+e.value!==v)e.value=v;
if(c.kind==="slider")e.setAttribute("aria-valuetext",word);
var o=one(e.closest(".e-control"),"output");
if(o)o.textContent=word;
later(x);
}
function later(x){
if(x.due)return;
x.due=true;
requestAnimationFrame(function(){
x.due=false;
var k=index(x);
if(x.live&&x.pos.some(between)){ask(x);return}
clearTimeout(x.wait);
if(x.asking){x.asking.abort();x.asking=null;note(x,"")}
if(k===x.grid)return;
x.grid=k;
show(x,x.frames.frame(k));
});
}
function between(v){return v%1!==0}
// value is what control c is set to at v, a number of its grid or between two.
function value(c,v){
if(c.kind!=="slider")return v;
var i=Math.floor(v),f=v-i,a=c.values[i],b=c.values[i+1];
if(!f)return a;
var t=c.log?a*Math.pow(b/a,f):a+f*(b-a);
return c.whole?Math.round(t):+t.toPrecision(4);
}
function spoken(c,v){
if(!between(v))return c.words[v];
var w=figureScript().fmt(value(c,v));
return c.unit?w+" "+c.unit:w;
}
// ask gets the figure between the settings from the program that the cell has left behind. Where
// nobody answers, or somebody else, the nearest setting is shown, and is all there is from then on.
function ask(x){
clearTimeout(x.wait);
var safe=window.crypto&&crypto.subtle;
var live=x.live.split("."),secret=live[2];
if(!safe||!secret){gridOnly(x,safe?unheard:"Figures between the settings need a page of https or localhost: the nearest setting is shown.");return}
x.wait=setTimeout(function(){
if(x.asking)x.asking.abort();
var a=x.asking=new AbortController(),at={},nonce=crypto.getRandomValues(new Uint8Array(16));
x.controls.forEach(function(c,i){at[c.name]=value(c,x.pos[i])});
var slow=setTimeout(function(){if(x.asking===a)note(x,"Computing \u2026")},600);
var query="frame?token="+live[1]+"&nonce="+hex(nonce)+"&at="+encodeURIComponent(JSON.stringify(at)),urls=addresses(live[0]);
(function next(n){
fetch(urls[n]+query,{signal:a.signal,redirect:"error",credentials:n||!/^http:\/\/127/.test(urls[n])?"same-origin":"omit"}).then(function(r){
if(!r.ok&&r.status!==422)throw 0;
return r.arrayBuffer().then(function(body){
return signed(secret,nonce,body,r.headers.get("Lemma-Signature"));
}).then(function(t){
if(x.asking!==a)return;
clearTimeout(slow);
if(!r.ok){snap(x,"This cannot be drawn: "+t+".");return}
var frame=JSON.parse(t);
x.asking=null;
x.grid=-1;
note(x,"");
show(x,frame);
});
}).catch(function(){
if(a.signal.aborted)return;
if(n+1<urls.length){next(n+1);return}
clearTimeout(slow);
gridOnly(x,unheard);
});
})(0);
},30);
}
var unheard="No kernel answers: the nearest setting is shown.";
function gridOnly(x,why){
x.live=null;
x.inputs.forEach(function(e){if(e.type==="range")e.step=1});
snap(x,why);
}
// signed is the text of an answer, once it is known to come from the program that the cell has left
// behind: the port may be another user's by now, and what the text holds becomes part of the page.
function signed(secret,nonce,body,mac){
var all=new Uint8Array(nonce.length+body.byteLength);
all.set(nonce);
all.set(new Uint8Array(body),nonce.length);
return crypto.subtle.importKey("raw",unhex(secret),{name:"HMAC",hash:"SHA-256"},false,["verify"]).then(function(key){
return crypto.subtle.verify("HMAC",key,unhex(mac||""),all);
}).then(function(ok){
if(!ok)throw 0;
return new TextDecoder().decode(body);
});
}
function hex(bytes){return Array.prototype.map.call(bytes,function(b){return(b+256).toString(16).slice(1)}).join("")}
function unhex(s){return new Uint8Array((s.match(/../g)||[]).map(function(h){return parseInt(h,16)}))}
function snap(x,why){
x.asking=null;
x.pos.forEach(function(v,i){if(between(v))set(x,i,Math.round(v))});
note(x,why);
}
function note(x,text){
var p=one(x.fig,".e-note");
if(!p){
if(!text)return;
p=document.createElement("p");
p.className="e-note";
p.setAttribute("role","status");
x.caption.parentNode.insertBefore(p,x.caption);
}
p.textContent=text;
}
// addresses are where the program may be reached: on this machine, or through the server's proxy.
function addresses(port){
var here=["http://127.0.0.1:"+port+"/"],base=document.body.getAttribute("data-base-url");
if(!base)try{base=JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl}catch(e){}
if(!base)return here;
var through=[base.replace(/\/?$/,"/")+"proxy/"+port+"/"];
return/^(localhost|127\.|\[::1\])/.test(location.hostname)?here.concat(through):through.concat(here);
}
// show puts the parts of a frame in place, as far as they differ from those that are there.
function show(x,frame){
var F=figureScript(),was=x.now;
x.now=frame;
function differs(s,i){return frame[s][i]!==was[s][i]}
if(differs(0,0)&&x.caption)x.caption.innerHTML=frame[0][0];
if(differs(0,2))keys(x.keys,frame[0][2]);
x.panels.forEach(function(p,n){
var s=n+1,f=frame[s],w=was[s];
if(differs(s,0))keys(p.keys,f[0]);
if(differs(s,1))p.svg.setAttribute("data-axes",f[1]);
if(differs(s,2))p.plot.setAttribute("aria-label",text(f[2])+"; arrow keys read the values");
F.forget(p.svg);
var a=order(f),b=order(w);
if(a.length!==b.length)p.svg.innerHTML=a.join("");
else a.forEach(function(t,i){if(t!==b[i])p.svg.children[i].outerHTML=t});
});
remember(x,F);
tables(x);
again(x);
clearTimeout(x.timer);
x.timer=setTimeout(function(){if(!x.playing&&x===touched)speak(x)},500);
}
// order is the elements of an <svg> as they stand: description, under, layers, over.
function order(f){return f.slice(3,5).concat(f.slice(6),f[5])}
function text(html){var t=document.createElement("textarea");t.innerHTML=html;return t.value}
function keys(root,html){root.innerHTML=html;root.hidden=!html}
// remember switches off what the reader has switched off before, and on what was off.
function remember(x,F){
list(x.fig,".l-key").forEach(function(k){
var off=x.off[name(k)];
if(off!==undefined)F.press(k,off);
});
}
function name(k){var p=k.closest(".l-panel"),c=one(k,"path");return k.textContent+"|"+(p?list(p.parentNode,".l-panel").indexOf(p):-1)+"|"+(c&&c.getAttribute("class"))}
function speak(x){
var at=x.controls.map(function(c,i){return c.label+" "+spoken(c,x.pos[i])}).join(", ");
x.say.textContent=at+". "+text(x.now[0][1]);
}
// again is the command that draws this figure: with the settings that are not those of the start.
function again(x){
var c=one(x.fig,".l-origin code");
if(!c)return;
if(x.command===undefined)x.command=c.textContent;
if(!/^lemma draw \S+$/.test(x.command))return;
c.textContent=x.command+x.controls.map(function(c,i){
var v=x.pos[i];
if(v===first(x.inputs[i]))return"";
var w=c.name+"="+(c.kind==="slider"?value(c,v):c.words[v]);
return" -set "+(/^[\w=.,:\/+%@-]+$/.test(w)?w:"'"+w.replace(/'/g,"'\\''")+"'");
}).join("");
}
// tables writes the values of the picture anew where the reader has opened them.
function tables(x){
var d=one(x.fig,".l-data:not(.l-origin)");
if(!d||!d.open){if(d)x.stale=true;return}
x.stale=false;
var F=figureScript(),t=document.createElement("table");
function row(cells){
var r=t.insertRow();
cells.forEach(function(c,i){
var e=document.createElement(i===0||c.head?"th":"td");
e.textContent=c.head||c;
if(c.head)e.scope="col";
r.appendChild(e);
});
}
x.panels.forEach(function(p){
var ax=JSON.parse(p.svg.getAttribute("data-axes")),first=true;
function word(a,v){return a.c&&a.c[v]!==undefined?a.c[v]:F.fmt(v)}
list(p.svg,"g[data-v]").forEach(function(g){
if(first)row([{head:"series"},{head:ax[0].n},{head:ax[1].n}]);
first=false;
var v=g.getAttribute("data-v").split(";"),n=Math.min(12,v.length);
for(var i=0;i<n;i++){
var c=v[n>1?Math.floor(i*(v.length-1)/(n-1)):0].split(",").map(Number),y=word(ax[1],c[1]);
if(c.length>2)y+=" ["+F.fmt(c[2])+", "+F.fmt(c[3])+"]";
row([i?"":g.getAttribute("data-name")||"",word(ax[0],c[0]),y]);
}
});
});
var box=one(d,".l-scroll");
box.textContent="";
box.appendChild(t);
}
// A slider that can stand between its values goes from one to the next by the arrow keys, and a tenth
// of the way with the shift key.
document.addEventListener("keydown",function(e){
var by={ArrowRight:1,ArrowUp:1,ArrowLeft:-1,ArrowDown:-1}[e.key];
if(!by||e.altKey||e.ctrlKey||e.metaKey||!e.target.classList||!e.target.classList.contains("e-in")||e.target.type!=="range"||+e.target.step===1)return;
var x=owner(e);
if(!x)return;
e.preventDefault();
var i=x.inputs.indexOf(e.target),v=x.pos[i],to=e.shiftKey?Math.round(10*v+by)/10:by>0?Math.floor(v)+1:Math.ceil(v)-1;
if(x.playing)stop(x);
set(x,i,Math.max(0,Math.min(+e.target.max,to)));
});
// play goes from setting to setting, from the start again where it is at the end. Readers who ask for
// less motion get slow steps.
function play(x,button){
if(x.playing){stop(x);return}
var i=0;
x.controls.forEach(function(c,k){if(c.play)i=k});
var last=x.controls[i].words.length-1,calm=window.matchMedia&&matchMedia("(prefers-reduced-motion: reduce)").matches;
var step=calm?1500:Math.max(50,Math.min(700,6000/last)),due=0;
x.playing=button;
button.setAttribute("aria-pressed","true");
if(x.pos[i]>=last){set(x,i,0);due=performance.now()+step}
function tick(t){
if(x.playing!==button)return;
if(!document.contains(x.fig)){stop(x);return}
if(t>=due){
due=t+step;
if(x.pos[i]>=last){stop(x);return}
set(x,i,Math.min(last,Math.floor(x.pos[i])+1));
}
requestAnimationFrame(tick);
}
requestAnimationFrame(tick);
}
function stop(x){
if(!x.playing)return;
x.playing.setAttribute("aria-pressed","false");
x.playing=null;
speak(x);
}
function owner(e){
var f=e.target&&e.target.closest&&e.target.closest("figure.lemma-explore");
return f&&f.lemmaExplorer&&ready(f.lemmaExplorer);
}
function input(e){
if(!e.target.classList||!e.target.classList.contains("e-in"))return;
var x=owner(e);
if(!x)return;
if(x.playing)stop(x);
if(!x.asking)note(x,"");
set(x,x.inputs.indexOf(e.target),at(e.target));
}
document.addEventListener("input",input);
document.addEventListener("change",input);
document.addEventListener("click",function(e){
var t=e.target,b=t&&t.closest&&t.closest(".e-play"),x;
if(b&&(x=owner(e)))play(x,b);
// The figure's own script has heard of the click already or hears of it next: ask then.
var k=t&&t.closest&&t.closest(".lemma-explore .l-key");
if(k&&(x=owner(e)))setTimeout(function(){x.off[name(k)]=k.getAttribute("aria-pressed")!=="true"});
});
document.addEventListener("toggle",function(e){
var x=e.target.classList&&e.target.classList.contains("l-data")&&!e.target.classList.contains("l-origin")&&e.target.open&&owner(e);
if(x&&x.stale)tables(x);
},true);
window.lemmaExplore=scan;
scan();
if(document.readyState==="loading")document.addEventListener("DOMContentLoaded",scan);
