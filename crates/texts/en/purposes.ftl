household = Household
health = Health
education = Education
travel = Travel
tools = Tools and equipment
goods = Goods to sell
other = Something else
