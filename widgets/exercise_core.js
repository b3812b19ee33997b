(function(){
if(window.lemmaExpr)return;
// The reader of formulas of package lesson, with the same messages.
var MAXLEN=500,MAXDEPTH=60;
var FUNCS={sqrt:1,exp:1,log:1,ln:1,sin:1,cos:1,tan:1,arcsin:1,arccos:1,arctan:1,asin:1,acos:1,atan:1,sinh:1,cosh:1,tanh:1,abs:1,max:2,min:2};
var ALIAS={ln:"log",arcsin:"asin",arccos:"acos",arctan:"atan"};
var SAME={"\u2212":"-","\u2013":"-","\u00b7":"*","\u00d7":"*","\u22c5":"*","\u00f7":"/"};
var RAISED="\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
var LETTER=/^[a-zA-Z\u0370-\u03ff\u2113]$/,SPACE=/^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
function Bad(pos,msg){this.pos=pos;this.msg=msg}
Bad.prototype.toString=function(){return"character "+this.pos+": "+this.msg};
function digit(c){return c>="0"&&c<="9"&&c.length===1}
function number(s,i){
while(i<s.length&&digit(s[i]))i++;
if(s[i]==="."){i++;while(i<s.length&&digit(s[i]))i++}
if(s[i]==="e"||s[i]==="E"){
var j=i+1;
if(s[j]==="+"||s[j]==="-")j++;
if(j<s.length&&digit(s[j])){while(j<s.length&&digit(s[j]))j++;i=j}
}
return i;
}
function lex(src){
var s=Array.from(src),out=[],space=false,i=0;
if(s.length>MAXLEN)throw new Bad(MAXLEN+1,"longer than 500 characters");
while(i<s.length){
var c=s[i],start=i,t={kind:"",text:"",pos:i+1,space:space};
space=false;
if(SPACE.test(c)){space=true;i++;continue}
if(digit(c)||c==="."){
i=number(s,i);
t.text=s.slice(start,i).join("");
if(t.text===".")throw new Bad(t.pos,". is not a number");
t.kind="number";t.value=Number(t.text);
}else if(c==="\u03c0"){t.kind="name";i++}
else if(LETTER.test(c)){
while(i<s.length&&s[i]!=="\u03c0"&&(LETTER.test(s[i])||digit(s[i])||s[i]==="_"))i++;
t.kind="name";
}else if(c==="\u207b"||RAISED.indexOf(c)>=0){
var n=0,sign=1;
if(c==="\u207b"){sign=-1;i++}
var first=i;
for(;i<s.length&&RAISED.indexOf(s[i])>=0;i++)n=10*n+RAISED.indexOf(s[i]);
if(i===first)throw new Bad(t.pos,"no digit follows the raised sign");
t.kind="raised";t.value=sign*n;
}else if("+-*/^(),\u221a".indexOf(c)>=0||SAME[c]){
t.kind="sign";t.text=SAME[c]||c;
i++;
if(c==="*"&&s[i]==="*"){t.text="^";i++}
out.push(t);
continue;
}else throw new Bad(t.pos,c+" is no part of a formula");
t.text=s.slice(start,i).join("");
out.push(t);
}
out.push({kind:"end",text:"",pos:s.length+1,space:space});
return out;
}
function binary(op,a,b){
if(op==="+")return function(v){return a(v)+b(v)};
if(op==="-")return function(v){return a(v)-b(v)};
if(op==="*")return function(v){return a(v)*b(v)};
if(op==="/")return function(v){return a(v)/b(v)};
return function(v){return pow(a(v),b(v))};
}
// JavaScript has 1^NaN and 1^infinity as NaN; Go, and mathematics, as 1.
function pow(a,b){return a===1||a===-1&&Math.abs(b)===Infinity?1:Math.pow(a,b)}
function parse(src,names){
var tokens=lex(src),at=0,depth=0,tight=false;
function peek(){return tokens[at]}
function unexpected(){
var t=peek();
if(t.kind==="end")return new Bad(t.pos,"something is missing at the end");
if(t.text===",")return new Bad(t.pos,"a comma stands between the arguments of a function; decimals have a point");
if(t.text===")")return new Bad(t.pos,"no parenthesis is open here");
return new Bad(t.pos,t.text+" is not expected here");
}
function deeper(){if(++depth>MAXDEPTH)throw new Bad(peek().pos,"nested too deeply")}
function sum(){
deeper();
var left=product();
for(;;){
var op=peek().text;
if(op!=="+"&&op!=="-")break;
at++;
left=binary(op,left,product());
}
depth--;
return left;
}
function product(){
var left=sign(),divided=false;
for(;;){
var t=peek();
if(t.text==="*"||t.text==="/"){
at++;
divided=t.text==="/";
left=binary(t.text,left,sign());
}else if(t.kind==="number")throw new Bad(t.pos,"write * before "+t.text);
else if(t.kind==="name"||t.text==="("||t.text==="\u221a"){
if(divided||tight&&t.kind==="name"&&!t.space)throw new Bad(t.pos,"not clear what "+t.text+" belongs to: write parentheses, or *");
left=binary("*",left,power());
}else return left;
}
}
function sign(){
var t=peek();
if(t.text!=="-"&&t.text!=="+")return power();
deeper();
at++;
var x=sign();
depth--;
return t.text==="+"?x:function(v){return-x(v)};
}
function raise(x,n){return function(v){return pow(x(v),n)}}
function power(){
tight=false;
var base=primary();
while(peek().kind==="raised"){base=raise(base,peek().value);tight=false;at++}
if(peek().text!=="^")return base;
at++;
deeper();
var e=sign();
depth--;
tight=tokens[at-1].text!==")";
return binary("^",base,e);
}
function primary(){
deeper();
var x=inner();
depth--;
return x;
}
function inner(){
var t=peek(),x;
if(t.kind==="number"){at++;return function(){return t.value}}
if(t.text==="("){
at++;
x=sum();
tight=false;
closing(t);
return x;
}
if(t.text==="\u221a"){
at++;
x=primary();
tight=tokens[at-1].text!==")";
return function(v){return Math.sqrt(x(v))};
}
if(t.kind==="name")return name(t);
throw unexpected();
}
function closing(open){
if(peek().text!==")"){
if(peek().kind==="end")throw new Bad(open.pos,"this parenthesis is not closed");
throw unexpected();
}
at++;
}
function name(t){
at++;
var next=peek(),call=next.text==="(",i=names.indexOf(t.text);
if(i>=0){
if(call&&!next.space)throw new Bad(next.pos,t.text+" is not a function: write "+t.text+"*(");
return function(v){return v[i]};
}
if(t.text==="\u03c0"||t.text==="pi")return function(){return Math.PI};
if(t.text==="e")return function(){return Math.E};
var arity=Object.prototype.hasOwnProperty.call(FUNCS,t.text)?FUNCS[t.text]:0;
var letters=Array.from(t.text);
if(!arity&&letters.length>1&&letters.every(function(l){return names.indexOf(l)>=0}))throw new Bad(t.pos,t.text+" is not known: write "+letters.join("*"));
if(!arity)throw new Bad(t.pos,t.text+" is not known"+(names.length?"; the variables are "+names.filter(function(n,k){return names.indexOf(n)===k}).join(", "):""));
if(!call)throw new Bad(t.pos,t.text+" needs parentheses: "+t.text+"(\u2026)");
at++;
var args=[];
for(;;){
args.push(sum());
if(peek().text!==","||arity===1)break;
at++;
}
closing(next);
if(args.length<arity)throw new Bad(t.pos,t.text+" takes two or more values, with commas between");
tight=false;
var f=Math[ALIAS[t.text]||t.text];
return function(v){return f.apply(Math,args.map(function(a){return a(v)}))};
}
var root=sum();
if(peek().kind!=="end")throw unexpected();
return root;
}
function short(v){
if(isNaN(v))return"not a number";
if(!isFinite(v))return v>0?"infinite":"-infinite";
if(v===0)return"0";
var p=v.toExponential(5).split("e"),e=Number(p[1]);
if(e<-5||e>7)return String(Number(p[0]))+"e"+e;
return String(Number(p[0]+"e"+e));
}
// check says about an answer what lesson.Answer.Check says. q is {names, show, points, values, scale, within, traps}.
function check(q,text){
if(!text.trim())return{verdict:"malformed",text:"Nothing is typed yet."};
var f;
try{f=parse(text,q.names)}catch(err){
if(!(err instanceof Bad))throw err;
return{verdict:"malformed",text:"Cannot be read: "+err+"."};
}
var k=q.show.length,values=q.points.map(function(p){return f(p.concat(p))});
function differs(to,scale){
for(var i=0;i<values.length;i++){
var margin=k?1e-9*Math.max(Math.abs(to[i]),scale):q.within;
if(!(Math.abs(values[i]-to[i])<=margin))return i;
}
return-1;
}
var bad=differs(q.values,q.scale);
if(bad<0)return{verdict:"right",text:"Right."};
for(var j=0;j<q.traps.length;j++)if(differs(q.traps[j].values,q.traps[j].scale)<0)return{verdict:"wrong",text:"Not right: "+q.traps[j].say};
if(!k){
if(!isFinite(values[0]))return{verdict:"wrong",text:"Not right: this is "+short(values[0])+"."};
if(Math.abs(values[0]-q.values[0])<=.01*Math.abs(q.values[0]))return{verdict:"wrong",text:"Close, and not equal: "+short(values[0])+". Give more digits, or a formula."};
return{verdict:"wrong",text:"Not right: "+short(values[0])+" is too "+(values[0]>q.values[0]?"large":"small")+"."};
}
var where=q.show.map(function(n,i){return n+" = "+short(q.points[bad][i])}).join(", ");
return{verdict:"wrong",text:"Not right: at "+where+" yours is "+short(values[bad])+", the right value is "+short(q.values[bad])+"."};
}
// live calls init once for each element of the class, whenever it comes into the page; while a page loads,
// not before all of it is there. A fake page, as where notebooks run without a browser, stays as it is.
function live(name,init){
function scan(){
if(document.readyState==="loading")return;
document.querySelectorAll("."+name).forEach(function(e){
if(e.classList.contains("l-live"))return;
e.classList.add("l-live");
init(e);
});
}
if(!document.createElementNS)return;
document.addEventListener("DOMContentLoaded",scan);
new MutationObserver(scan).observe(document.documentElement,{childList:true,subtree:true});
scan();
}
// say puts words into a live region; the same words twice in a row are read out again.
function say(out,text){
out.textContent="";
setTimeout(function(){out.textContent=text},30);
}
window.lemmaExpr={parse:parse,short:short,check:check,Bad:Bad,live:live,say:say};
})();
