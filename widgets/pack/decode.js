// lemmaUnpack reads what pack.Pack writes: frame(k) returns the sections of frame k, each a list of parts.
function lemmaUnpack(data){
var B=atob(data.b),at=5,grid=data.n,P=[],H=[],span=4294967295,code=0,total=1,mode=0,i;
for(i=1;i<5;i++)code=(code*256+(B.charCodeAt(i)||0))>>>0;
grid.forEach(function(n){total*=n});
function bit(p){
var v=P[p],bound=(span>>>11)*v,b=0;
if(code<bound){span=bound;P[p]=v+((2048-v)>>4)}
else{b=1;span-=bound;code-=bound;P[p]=v-(v>>4)}
while(span<16777216){span=(span*256)>>>0;code=(code*256+(at<B.length?B.charCodeAt(at):0))%4294967296;at++}
return b;
}
function num(c){
for(;H.length<=c;H.push(0))for(var j=0;j<256;j++)P.push(1024);
var p=c*256,h=H[c],n=0,out=1,before=0,s;
if(!bit(p+h)){H[c]=0;return 0}
s=bit(p+3+h);
while(n<30&&bit(p+8+32*(h>>1)+n))n++;
H[c]=n?2:1;
for(var j=n-1;j>=0;j--){before=bit(j===n-1?p+72+n:j===n-2?p+104+2*n+before:p+168+j);out=2*out+before}
return s?-out:out;
}
var skeletons=[],last=[],fresh=0,count=num(0);
for(i=0;i<count;i++){
var head=num(0),tail=num(0),middle=num(0),s=last.slice(0,head);
for(;middle>0;middle--){var k=fresh-num(1);s.push(k);if(k===fresh)fresh++}
last=s=s.concat(tail?last.slice(last.length-tail):[]);
skeletons.push(s.map(function(k){return data.d[k]}));
}
function shift(m,by){return by<-4||by>4?0:Math.floor(m*[1e-4,1e-3,1e-2,.1,1,10,100,1e3,1e4][by+4]+.5)}
function walk(kind,a,b,foreign){
var n=[],A=a?a.length:0,Z=b?b.length:0;
function put(slot,guess){guess+=num(5+2*slot+foreign);n.push(guess);return guess}
function next(slot,own){var i=n.length;return put(slot,i>=A?own:i<Z?2*a[i]-b[i]:a[i])}
var j,k,c,e,m;
if(kind==="t")next(0,0);
else if(kind==="p"||kind==="z"){
var x0=0,y0=0,points=0,sum=0,count=0;
for(j=next(2,0);j>0;j--){
points=next(3,points);
var dx=0,dy=0;
for(k=0;k<points;k++)if(k){dx=next(6,dx);dy=next(7,mode===1?dy:0)}else{x0=next(4,x0);if(mode===1&&count)y0=Math.floor(sum/count);y0=next(5,y0);sum+=y0;count++}
}
}else if(kind==="v"||kind==="q"){
var rows=next(8,0),w=next(8,0);
for(c=0;c<w;c++)for(e=m=j=0;j<rows;j++){
var was=e,guess;
e=next(9,e);
k=n.length;
if(k>=A)guess=shift(m,was-e);
else{guess=shift(a[k],a[k-1]-e);if(k<Z&&b[k-1]===e&&a[k-1]===e)guess=2*guess-b[k]}
m=put(kind==="q"?16:10+Math.min(c,2),guess);
}
}else if(kind==="i"){
var W=next(13,0),pixels=next(13,0),row=[],left=0;
for(j=next(13,0);j>0;j--)next(14,0);
for(j=0;j<pixels;j++)row[j%W]=left=next(15,mode===1?row[j%W]||0:left);
}else next(1,0);
return n;
}
var frames=[],sections=num(0);
function find(f,s,i,t){return f&&f[s][i]&&f[s][i][1][t]}
for(var f=0;f<total;f++){
var F=frames[f]=[];
for(var s=0;s<sections;s++){
var G=frames[f-1],L=F[s]=[],parts=(G?G[s].length:0)+num(2);
for(i=0;i<parts;i++){
var sk=(G&&G[s][i]?G[s][i][0]:0)+num(3),T=[];
L.push([sk,T]);
skeletons[sk].forEach(function(piece){
if(piece.charAt(0)!=="\ue000"||piece.charAt(1)==="r")return;
mode+=num(4);
var a,b,stride=1,c=(mode-2)>>1,j,digit;
if(mode>1){
for(j=grid.length-1;j>c;j--)stride*=grid[j];
digit=Math.floor(f/stride)%grid[c];
if(digit>0)a=find(frames[f-stride],s,i,T.length);
if(mode%2&&digit>1)b=find(frames[f-2*stride],s,i,T.length);
}
T.push(walk(piece.charAt(1),a,b,mode>1?1:0));
});
}
}
}
function path(n,closed){
var out="",i=1;
for(var j=0;j<n[0];j++){
var points=n[i++];
for(var k=0;k<points;k++,i+=2)out+=(k>1?" ":k?"l":"M")+n[i]/10+" "+n[i+1]/10;
if(points===1)out+="h0";
if(closed)out+="z";
}
return out;
}
function values(n){
var rows=n[0],w=n[1],out="";
for(var i=0;i<rows;i++)for(var j=0;j<w;j++){
var k=2+2*(j*rows+i);
out+=(j?",":i?";":"")+(n[k]===-999?"?":+(n[k+1]+"e"+n[k]));
}
return out;
}
function png(n){
var w=n[0],h=w?n[1]/w:0,out="\x89PNG\r\n\x1a\n",raw="",z="x\x01",a=1,b=0,i,pal="\0\0\0",C=String.fromCharCode;
function long(v){return C(v>>>24,v>>>16&255,v>>>8&255,v&255)}
function chunk(name,data){
var all=name+data,crc=-1;
for(var i=0;i<all.length;i++){crc^=all.charCodeAt(i);for(var k=0;k<8;k++)crc=crc&1?crc>>>1^0xedb88320:crc>>>1}
out+=long(data.length)+all+long(~crc);
}
chunk("IHDR",long(w)+long(h)+"\b\x03\0\0\0");
for(i=3;i<3+n[2];i++)pal+=C(n[i]>>16,n[i]>>8&255,n[i]&255);
chunk("PLTE",pal);
chunk("tRNS","\0");
for(i=0;i<n[1];i++)raw+=(i%w?"":"\0")+C(n[3+n[2]+i]+1);
for(i=0;i<raw.length||i===0;i+=65535){
var block=raw.substr(i,65535),l=block.length;
z+=C(i+65535>=raw.length?1:0,l&255,l>>8,~l&255,~l>>8&255)+block;
}
for(i=0;i<raw.length;i++){a=(a+raw.charCodeAt(i))%65521;b=(b+a)%65521}
chunk("IDAT",z+long(b*65536+a));
chunk("IEND","");
return"data:image/png;base64,"+btoa(out);
}
function decimal(v,k){v=String(v);while(v.length<=k)v="0"+v;return k?v.slice(0,-k)+"."+v.slice(-k):v}
function text(part){
var k=0,path0="",out="";
skeletons[part[0]].forEach(function(piece){
if(piece.charAt(0)!=="\ue000"){out+=piece;return}
var kind=piece.charAt(1),n=kind==="r"?0:part[1][k++];
if(kind==="p"||kind==="z")path0=path(n,kind==="z");
out+=kind==="r"||kind==="p"||kind==="z"?path0:kind==="t"?n[0]/10:kind==="v"||kind==="q"?values(n):kind==="i"?png(n):decimal(n[0],+kind);
});
return out;
}
return{grid:grid,frame:function(k){return frames[k].map(function(s){return s.map(text)})}};
}
