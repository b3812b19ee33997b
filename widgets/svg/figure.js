(function(){
if(window.lemmaFigure)return;
// Other scripts of ours: press switches a legend's button, forget drops what was read of a picture
// that has changed, and the readout with it, fmt writes a number.
window.lemmaFigure={press:press,fmt:fmt,forget:function(svg){
cache.delete(svg);
svg.parentNode.lemma=null;
clear(svg.parentNode);
}};
var NS="http://www.w3.org/2000/svg",cache=new WeakMap();
function closest(e,s){var t=e.target;return t&&t.closest?t.closest(s):null}
function fmt(v){
if(v===0)return"0";
if(!isFinite(v))return isNaN(v)?"NaN":v<0?"\u2212\u221e":"\u221e";
var p=Math.abs(v).toExponential(3).split("e"),e=+p[1],s;
if(e<-4||e>=7){
s=String(+p[0]);
var up=String(e).replace(/[-\d]/g,function(c){return c==="-"?"\u207b":"\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[+c]});
s=(s==="1"?"":s+"\u00d7")+"10"+up;
}else s=String(+Math.abs(v).toPrecision(4));
return(v<0?"\u2212":"")+s;
}
function forward(a,v){
if(a.k==="log")return v>0?Math.log10(v):NaN;
if(a.k==="symlog")return Math.abs(v)<=a.t?v/a.t:Math.sign(v)*(1+Math.log10(Math.abs(v)/a.t));
return v;
}
function place(a,v){var lo=forward(a,a.lo),hi=forward(a,a.hi);return a.a+(forward(a,v)-lo)/(hi-lo)*(a.b-a.a)}
function word(a,v){return a.c&&a.c[v]!==undefined?a.c[v]:fmt(v)}
function numbers(s){return s.split(",").map(Number)}
function model(svg){
var m=cache.get(svg);
if(m)return m;
var ax=JSON.parse(svg.getAttribute("data-axes"));
m={x:ax[0],y:ax[1],series:[],grids:[]};
svg.querySelectorAll("g[data-v]").forEach(function(g){
var dx=+(g.getAttribute("data-dx")||0),pts=[];
g.getAttribute("data-v").split(";").forEach(function(t){
var v=numbers(t),px=place(m.x,v[0])+dx,py=place(m.y,v[1]);
if(px>=m.x.a-1&&px<=m.x.b+1&&py<=m.y.a+1&&py>=m.y.b-1)pts.push({v:v,px:px,py:py});
});
if(pts.length)m.series.push({g:g,pts:pts});
});
svg.querySelectorAll("g[data-z]").forEach(function(g){
m.grids.push({g:g,x:numbers(g.getAttribute("data-cx")),y:numbers(g.getAttribute("data-cy")),z:g.getAttribute("data-z").split(";").map(numbers)});
});
cache.set(svg,m);
return m;
}
function on(s){return s.g.getAttribute("display")!=="none"}
function clear(plot){
var t=plot.querySelector(".l-tip"),d=plot.querySelector(".l-dot");
if(t)t.remove();
if(d)d.remove();
}
function show(plot,svg,px,py,paint,lines,mark){
var tip=plot.querySelector(".l-tip"),dot=plot.querySelector(".l-dot"),k=svg.clientWidth/svg.viewBox.baseVal.width;
if(!tip){tip=document.createElement("div");tip.className="l-tip";tip.setAttribute("role","status");plot.appendChild(tip)}
tip.textContent="";
lines.forEach(function(l,i){
var e=document.createElement(i===0&&lines.length>1?"b":"div");
e.textContent=l;
tip.appendChild(e);
});
if(!dot){dot=document.createElementNS(NS,"circle");dot.setAttribute("r",6.5);dot.setAttribute("fill","none");dot.setAttribute("stroke-width",2);svg.appendChild(dot)}
dot.setAttribute("class","l-dot "+(paint||"s-ink"));
dot.setAttribute("cx",px);
dot.setAttribute("cy",py);
dot.setAttribute("display",mark?"inline":"none");
var x=px*k+12,y=py*k-tip.offsetHeight-10;
if(x+tip.offsetWidth>plot.clientWidth)x=Math.max(0,px*k-tip.offsetWidth-12);
if(y<0)y=py*k+12;
tip.style.transform="translate("+x+"px,"+y+"px)";
}
function tell(plot,svg,s,i){
var m=model(svg),p=s.pts[i],v=p.v,y=m.y.n+": "+word(m.y,v[1]);
if(v.length>2){
var range=fmt(v[2])+" to "+fmt(v[3]);
y=s.g.hasAttribute("data-band")?m.y.n+": "+range:y+" ("+range+")";
}
var lines=[m.x.n+": "+word(m.x,v[0]),y],name=s.g.getAttribute("data-name");
if(name)lines.unshift(name);
plot.lemma=[s,i];
show(plot,svg,p.px,p.py,s.g.getAttribute("data-paint"),lines,true);
}
function cell(plot,svg,x,y){
var m=model(svg),hit=false;
m.grids.forEach(function(g){
function at(e,v){for(var i=1;i<e.length;i++)if((v-e[i-1])*(v-e[i])<=0)return i-1;return-1}
var c=at(g.x,x),r=at(g.y,y);
if(hit||!on(g)||c<0||r<0||x<m.x.a||x>m.x.b||y>m.y.a||y<m.y.b)return;
hit=true;
var name=g.g.getAttribute("data-name")||"value",v=g.z[r][c];
var px=(g.x[c]+g.x[c+1])/2,py=(g.y[r]+g.y[r+1])/2;
function back(a,p){
var lo=forward(a,a.lo),hi=forward(a,a.hi),f=lo+(p-a.a)/(a.b-a.a)*(hi-lo);
if(a.c)return word(a,Math.round(f));
return fmt(+(a.k==="log"?Math.pow(10,f):f).toPrecision(3));
}
show(plot,svg,px,py,"",[name+": "+(isNaN(v)?"no value":fmt(v)),m.x.n+": "+back(m.x,px),m.y.n+": "+back(m.y,py)],false);
});
return hit;
}
function move(e){
var svg=closest(e,".lemma-fig .l-plot svg");
if(!svg)return;
var plot=svg.parentNode,m=model(svg),box=svg.getBoundingClientRect(),k=svg.viewBox.baseVal.width/box.width;
var x=(e.clientX-box.left)*k,y=(e.clientY-box.top)*k,best=null,d=40*40;
m.series.forEach(function(s){
// A measured point is preferred to the line on which it lies.
var w=s.g.hasAttribute("data-dots")?.3:1;
if(on(s))s.pts.forEach(function(p,i){
var t=w*((p.px-x)*(p.px-x)+(p.py-y)*(p.py-y));
if(t<d){d=t;best=[s,i]}
});
});
if(best)tell(plot,svg,best[0],best[1]);
else if(!cell(plot,svg,x,y))clear(plot);
}
document.addEventListener("pointermove",move);
document.addEventListener("pointerdown",move);
document.addEventListener("pointerout",function(e){
var plot=closest(e,".lemma-fig .l-plot");
if(plot&&e.pointerType!=="touch"&&!plot.contains(e.relatedTarget))clear(plot);
});
document.addEventListener("focusout",function(e){
var plot=closest(e,".lemma-fig .l-plot");
if(plot)clear(plot);
});
document.addEventListener("click",function(e){
var key=closest(e,".lemma-fig .l-key");
if(!key)return;
press(key,key.getAttribute("aria-pressed")==="true");
});
function press(key,off){
key.setAttribute("aria-pressed",String(!off));
key.getAttribute("data-to").split(" ").forEach(function(t){
key.closest(".lemma-fig").querySelectorAll('g[data-at="'+t+'"]').forEach(function(g){
if(off)g.setAttribute("display","none");else g.removeAttribute("display");
});
});
}
document.addEventListener("keydown",function(e){
var plot=closest(e,".lemma-fig .l-plot");
if(!plot||e.altKey||e.ctrlKey||e.metaKey)return;
if(e.key==="Escape"){clear(plot);return}
var go={ArrowLeft:-1,ArrowRight:1,ArrowUp:0,ArrowDown:0,Home:0,End:0};
if(!(e.key in go))return;
var svg=plot.querySelector("svg"),list=model(svg).series.filter(on);
if(!list.length)return;
e.preventDefault();
e.stopPropagation();
var now=plot.lemma,k=now?list.indexOf(now[0]):-1,i=now?now[1]:0;
if(k<0){k=0;i=0}
else if(e.key==="Home")i=0;
else if(e.key==="End")i=list[k].pts.length-1;
else if(go[e.key])i=Math.max(0,Math.min(list[k].pts.length-1,i+go[e.key]));
else{
var px=list[k].pts[i].px;
k=(k+(e.key==="ArrowDown"?1:list.length-1))%list.length;
i=list[k].pts.reduce(function(b,p,n){return Math.abs(p.px-px)<Math.abs(list[k].pts[b].px-px)?n:b},0);
}
tell(plot,svg,list[k],i);
});
})();
