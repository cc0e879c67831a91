household = Үй-тұрмыс
health = Денсаулық
education = Оқу
travel = Сапар
tools = Құрал-жабдық
goods = Сататын тауар
other = Басқа
